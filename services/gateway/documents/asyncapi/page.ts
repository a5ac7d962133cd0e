import { frameOf, schemasView, slug } from '../page/frame.ts';
import { html, inline, paragraphs, type Html } from '../page/html.ts';
import { codeView } from '../page/operation-view.ts';
import { schemaView } from '../page/schema-view.ts';
import type { Json, Schema } from '../schemas.ts';
import type { Example } from './messages.ts';

type Message = {
  name: string;
  summary: string;
  payload: Schema;
  headers?: Schema;
  examples: readonly [Example];
  'x-socket-io-event'?: string;
};
type Reference = { $ref: string };
type Channel = { address: string; description?: string; servers: readonly Reference[]; messages: Json };
/** The parts of the document that its page shows. */
export type AsyncApi = {
  info: { description: string };
  channels: Record<string, Channel>;
  operations: Record<string, { summary: string; channel: Reference }>;
  components: { messages: Record<string, Message>; schemas: Record<string, Schema> };
};

/** In the order in which readers need them. */
const GROUPS = [
  { server: 'sockets', title: 'Socket messages', direction: 'sent' },
  { server: 'webhooks', title: 'Webhooks', direction: 'received' },
  { server: 'events', title: 'Events', direction: 'published' },
] as const;

type Listed = { message: Message; channel: Channel; texts: readonly string[] };

/** The messages of each group, with what channel and operations say of them. */
const groupsOf = ({ channels, operations, components }: AsyncApi) =>
  GROUPS.map((group) => {
    const ofGroup = Object.entries(channels).filter(([, { servers }]) =>
      servers.some(({ $ref }) => $ref === `#/servers/${group.server}`),
    );
    const listed = ofGroup.flatMap(([id, channel]) => {
      const texts = Object.values(operations)
        .filter((operation) => operation.channel.$ref === `#/channels/${id}`)
        .map(({ summary }) => summary);
      const names = Object.keys(channel.messages);
      return names.flatMap((name): Listed[] => {
        const message = components.messages[name];
        return message ? [{ message, channel, texts: group.server === 'sockets' ? [] : texts }] : [];
      });
    });
    const descriptions = ofGroup.flatMap(([, { description }]) => description ?? []);
    return { ...group, listed, descriptions };
  });
type Group = ReturnType<typeof groupsOf>[number];

const part = (title: string, content: Html): Html =>
  html`<h4>${title}</h4>
    ${content}`;

const packetText = (packet: string): string =>
  `A packet of the Socket.IO event \`${packet}\`, with this object as its argument.`;

const messageView = ({ message, channel, texts: said }: Listed, { direction }: Group): Html => {
  const { name, summary, payload, headers, examples } = message;
  const packet = message['x-socket-io-event'];
  const texts = packet === undefined ? said : [packetText(packet)];
  return html`<article
    class="operation"
    id="${name}"
    data-find="${[name, summary, channel.address, ...texts].join(' ').toLowerCase()}"
  >
    <h3><a class="self" href="#${name}">${inline(summary.replace(/\.$/, ''))}</a></h3>
    <p class="route"><span class="method ${direction}">${direction}</span> <code>${name}</code></p>
    <div class="columns">
      <div class="texts">
        ${texts.map((text) => html`<p>${inline(text)}</p>`)}
        ${headers ? part('In the headers', schemaView(headers, 'optional')) : null}
        ${part('Payload', schemaView(payload, 'optional'))}
      </div>
      <div class="samples">${codeView('Payload', JSON.stringify(examples[0].payload, null, 2))}</div>
    </div>
  </article>`;
};

const navigationView = (groups: readonly Group[]): Html =>
  html`<nav aria-label="Contents">
    ${groups.map(
      ({ title, listed }) =>
        html`<div class="group">
          <h2><a href="#${slug(title)}">${title}</a></h2>
          <ul>
            ${listed.map(
              ({ message: { name, summary } }) =>
                html`<li data-for="${name}">
                  <a href="#${name}">${summary.replace(/[.:;].*$/, '')}</a>
                </li>`,
            )}
          </ul>
        </div>`,
    )}
    <h2><a href="#schemas">Schemas</a></h2>
  </nav>`;

const mainView = ({ info, components }: AsyncApi, groups: readonly Group[]): Html =>
  html`<main id="main" tabindex="-1">
    <h1>Events and sockets</h1>
    <div id="start">${paragraphs(info.description.replaceAll('**', ''))}</div>
    ${groups.map(
      (group) =>
        html`<section class="topic" id="${slug(group.title)}">
          <h2><a class="self" href="#${slug(group.title)}">${group.title}</a></h2>
          ${group.descriptions.map((text) => html`<p>${inline(text)}</p>`)}
          ${group.listed.map((one) => messageView(one, group))}
        </section>`,
    )}
    ${schemasView(Object.entries(components.schemas))}
  </main>`;

/** The page of events, sockets and webhooks. */
export const pageOf = (document: AsyncApi): string => {
  const groups = groupsOf(document);
  return frameOf({
    title: 'Events and sockets',
    things: 'messages',
    download: { path: '/api/asyncapi.json', label: 'AsyncAPI' },
    other: { path: '/api/docs', label: 'API' },
    navigation: navigationView(groups),
    main: mainView(document, groups),
  });
};
