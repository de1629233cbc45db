/** “同步流程”页面的中文文本。 */
export const texts = {
  title: '同步流程',
  intro: '客户从各渠道到总部再返回渠道的路径：等待的内容，以及各作业最近一次运行的时间。',
  empty: '还没有渠道。',
  emptyAdvice: '请在“渠道”页面创建一个。',
  stage: { upload: '从渠道上传', synchronize: '在总部应用', download: '下载到渠道', configuration: '功能与配置文件' },
  waiting: {
    toUpload_other: '渠道中有 {{count, number}} 项更改等待上传',
    toSynchronize_other: '总部有 {{count, number}} 项更改等待应用',
    failed_other: '{{count, number}} 项失败',
    held_other: '{{count, number}} 项被阻挡',
    toDownload_other: '{{count, number}} 个客户等待下载',
    none: '没有等待的内容',
  },
  job: {
    'P-0001': 'P-0001（上传）',
    'customer-sync': '同步作业',
    '1010': '1010（客户）',
    '1070': '1070（渠道配置）',
    '1110': '1110（全局配置）',
  },
  status: { Queued: '排队中', Running: '运行中', Completed: '已完成', Failed: '失败' },
  lastRun: '最近运行：{{when}}',
  never: '尚未运行',
  runNow: '立即运行',
  runJob: '立即运行：{{job}}，{{channel}}',
  started: '已启动 {{job}}。',
} as const;
