export const texts = {
  total_other: '{{count, number}} 条记录：{{tables}}。',
  mode: { sync: '立即执行：全部完成或全不执行。', async: '作为作业分批执行；完成的记录立即可见。' },
  inactive_other: '其中 {{count, number}} 条已停用。',
  incomplete: '实际数量比统计的多。',
  blocker_other: '{{relationship}} 中有 {{count, number}} 条记录阻止此操作。请先处理它们。',
  missing: '{{user}}：缺少对 {{table}} 的 {{privilege}} 权限。',
  you: '您',
  access: {
    title: '访问权限的变化：',
    records_other: '{{count, number}} 条记录',
    gains: '获得{{rights}}',
    loses: '失去{{rights}}',
  },
  right: {
    Read: '读取',
    Write: '写入',
    Delete: '删除',
    Assign: '分派',
    Share: '共享',
    Append: '追加',
    AppendTo: '追加到',
  },
} as const;
