export const texts = {
  skip: '跳到内容',
  navigation: '页面',
  language: '语言',
  signOut: '退出登录',
  cancel: '取消',
  notFound: '此地址没有页面。',
  toOverview: '前往概览',
  theme: { label: '主题', light: '浅色', dark: '深色', contrast: '高对比度' },
  list: { more: '加载更多' },
  error: {
    title: '出现问题',
    retry: '重试',
    offline: '无法连接主机。',
    offlineAdvice: '所见内容可能已过时。页面会继续请求；请检查主机是否在运行。',
  },
  signIn: {
    title: '登录 Spillway',
    token: '令牌',
    hint: '请粘贴令牌。在本机上，npm start 会显示带令牌的链接，npm run token 会显示令牌。',
    submit: '登录',
    expired: '令牌已失效。请重新登录，之后会回到原来的页面。',
  },
} as const;
