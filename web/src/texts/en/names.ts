/** What tables and jobs are called. */
export const texts = {
  table: {
    account: 'Account',
    contact: 'Contact',
    address: 'Address',
    affiliation: 'Affiliation',
    attribute: 'Attribute',
    contactInfo: 'Contact information',
    order: 'Order',
    orderline: 'Order line',
    case: 'Case',
    activity: 'Activity',
    quote: 'Quote',
  },
  job: {
    assign: 'Assign {{record}} → {{user}}',
    delete: 'Delete {{record}}',
    merge: 'Merge {{subordinate}} into {{record}}',
    share: 'Share {{record}} with {{user}}',
    unshare: 'Take {{record}} back from {{user}}',
    reparent: 'Move {{record}} under {{parent}}',
    takeOut: 'Move {{record}} out from under its parent ({{relationship}})',
    revokeInheritedAccess: 'Revoke access inherited over {{relationship}}',
    reconcileAccess: 'Put access to {{record}} right',
    undo: 'Undo changes to {{record}}',
  },
} as const;
