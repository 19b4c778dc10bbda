// Sets theme and language before the first paint, so that nobody who chose dark sees a white flash.
(function () {
  var root = document.documentElement;
  try {
    var scheme = localStorage.getItem('taskurotta-color-scheme') || 'auto';
    var dark = scheme === 'dark' || (scheme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
    root.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
    root.style.background = dark ? '#0b0f17' : '#f6f7f9';
    root.lang = localStorage.getItem('taskurotta-language') || (/^ru/i.test(navigator.language) ? 'ru' : 'en');
  } catch {
    root.setAttribute('data-mantine-color-scheme', 'light');
  }
})();
