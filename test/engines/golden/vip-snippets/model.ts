import type { KeepalivedModel } from '../../../../src/engines/keepalived/model';
import { vip as unicast } from '../vip-unicast/model';

/** A text of the user in every place of keepalived. */
export const vip: KeepalivedModel = {
  ...unicast,
  snippets: {
    global_defs: `
vrrp_garp_interval 0.01   ! between two packets
notification_email {
  ops@example.com
}
`,
    vrrp_instance: 'garp_master_delay 2',
    sections: `
static_rules {
  from 198.51.100.0/24 table 100 preference 100
}
`,
  },
};
