import type { PathLanguage } from '@hopscope/path'

/** The language of what is told of packets: that of the shell, as far as there is one. */
export const languageOf = (lang = ''): PathLanguage => (lang.startsWith('zh') ? 'zh-CN' : 'en')
