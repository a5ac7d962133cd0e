import { subscribe } from '../../../broker/events/inbox.ts';
import { admin } from '../../../shared/contracts/admin/admin.ts';
import type { BridgeService } from '../poc2-bridge.ts';
import { passOn } from '../redis/pass-on.ts';

const onSettingChanged = subscribe(admin.events.settingChanged, (service: BridgeService, delivery) => {
  const { key, value, version } = delivery.payload;
  return passOn(service, delivery, { kind: 'configUpdated', entity: key, version, data: { key, value } });
});

export const adminSubscribers = [onSettingChanged];
