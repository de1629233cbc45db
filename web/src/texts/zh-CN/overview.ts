export const texts = {
  title: '概览',
  lead: '现在需要人工处理的事项。',
  nothing: '无需处理。',
  open: '查看',
  pausedJobs: { title: '已暂停的作业', advice: '暂停的作业会一直等待，直到有人继续、跳过或取消。' },
  failedOperations: { title: '失败的客户操作', advice: '更正数值、保存并同步；同一客户之后的更改在后面等待。' },
  suspendedSessions: { title: '已挂起的会话', advice: '该渠道之后的会话在等待。请重试或取消已挂起的会话。' },
  deadLetters: { title: '死信', advice: '被拒绝的渠道消息。原因消除后请放回队列。' },
} as const;
