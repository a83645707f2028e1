/**
 * Runs before the first paint, inline in the document (the hub allows exactly this text by its hash): chooses the theme
 * so that nothing flashes, and keeps zod from compiling code, which the Content-Security-Policy forbids.
 */
export const BOOT_SCRIPT = `(function(){var d=document.documentElement,t=null;globalThis.__zod_globalConfig={jitless:true};try{t=localStorage.getItem('hopscope.theme')}catch(e){console.info('Settings are not kept: '+e.message)}d.dataset.theme=t==='dark'||(t!=='light'&&matchMedia('(prefers-color-scheme: dark)').matches)?'dark':'light'})()`
