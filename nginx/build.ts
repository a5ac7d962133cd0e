/**
 * Writes nginx's configuration for the image, beside the built pages: `node nginx/build.ts [FOLDER]`. What
 * differs between installations stays a template there: templates/site.conf.template.
 */
import { join } from 'node:path';
import { writeConfiguration, writeTemplate } from './render.ts';

const root = join(import.meta.dirname, '..');
const folder = process.argv[2] ?? join(root, 'dist/nginx');
writeConfiguration(folder, join(root, 'dist/web'));
writeTemplate(folder);
