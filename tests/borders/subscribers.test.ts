import { findServices } from '../../broker/process/find-services.ts';

/** The subscribing services with a queue, by event, as the services' definitions have them. */
const subscribersByEvent = async (): Promise<Map<string, string[]>> => {
  const byEvent = new Map<string, string[]>();
  for (const { contract, database, subscribers = [] } of await findServices({})) {
    if (!database) continue;
    for (const { event } of subscribers)
      byEvent.set(event.name, [...(byEvent.get(event.name) ?? []), contract.service]);
  }
  return byEvent;
};

it('an event names in its contract the services that subscribe to it, and no others', async () => {
  const actual = await subscribersByEvent();
  const named = (await findServices({})).flatMap(({ contract }) =>
    Object.values(contract.events).map(({ name, subscribers = [] }) => [name, subscribers.toSorted()]),
  );
  expect(named.length).toBeGreaterThan(0);
  expect(named).toEqual(named.map(([name]) => [name, (actual.get(name as string) ?? []).toSorted()]));
});
