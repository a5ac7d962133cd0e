/** What documents say of a profile's properties. */
export const PROFILE_PROPERTIES = {
  'auth.changeName.name': { text: 'The name from now on, as others see it.', example: 'Carl Customer' },
  phone: {
    text: 'A telephone number with the country’s code (E.164), without spaces and hyphens; null for none.',
    example: '+442079460018',
  },
  addressLine1: { text: 'Street and number; null for none.', example: '12 Analytical Street' },
  addressLine2: { text: 'What else an address needs, such as a flat; null for none.', example: null },
  postalCode: { text: 'The postal code, as it is written there; null for none.', example: 'W1 1AA' },
  city: { text: 'The city or town; null for none.', example: 'London' },
  country: { text: 'The country, ISO 3166-1 alpha-2; null for none.', example: 'GB' },
  biography: { text: 'What you say of yourself; null for nothing.', example: 'Prints posters since 1998.' },
  avatar: {
    text: 'The hash of your avatar, for its address `/api/avatars/{id}?v={hash}`; null for none.',
    example: '9f86d081884c7d659a2feaa0c55ad015',
  },
  hash: {
    text: 'The hash of the avatar, for its address `/api/avatars/{id}?v={hash}`.',
    example: '9f86d081884c7d659a2feaa0c55ad015',
  },
  'profile.avatars.userIds': {
    text: 'The ids of the users, separated by commas; at most 50.',
    example: 'usr_019ac2f4b7a07c3e9d415e0a2b6c0a01,usr_019ac2f4b7a07c3e9d415e0a2b6c0a02',
  },
  v: {
    text: 'The hash of the avatar, so that another image has another address. The newest image is sent.',
    example: '9f86d081884c7d659a2feaa0c55ad015',
  },
  export: { text: 'Your export; null without one, or when it has expired.' },
  'DataExport.state': { text: 'How it stands; `failed` for good: ask again.', example: 'ready' },
  'DataExport.requestedAt': { text: 'When you asked for it, in UTC.', example: '2026-11-23T09:30:00.000Z' },
  'DataExport.items': { text: 'Sessions, notifications and payments so far.', example: 1204 },
  'DataExport.expiresAt': {
    text: 'When the file is deleted, in UTC; null until it is ready.',
    example: '2026-11-24T09:30:00.000Z',
  },
  sectionsDone: { text: 'How many sections are complete.', example: 5 },
  sections: { text: 'How many sections there are.', example: 5 },
  sizeBytes: { text: 'The size of the file so far, in bytes.', example: 81204 },
  timeZone: {
    text: 'The IANA time zone in which times are shown; `system` is that of the device.',
    example: 'Europe/Berlin',
  },
  'Preferences.currency': {
    text: 'The currency that a new payment begins with; null for that of the last one.',
    example: 'EUR',
  },
  analytics: {
    text: 'Whether the user’s browsers may measure how the pages are; `unset`: has not been asked.',
    example: 'granted',
  },
  'profile.savePreferences.currency': {
    text: 'The currency that a new payment begins with; null for that of the last one.',
    example: 'EUR',
  },
  'profile.saveDetails.version': {
    text: 'The version that the change was made from. Another one is stored by now: `profile_changed`.',
    example: 3,
  },
};
