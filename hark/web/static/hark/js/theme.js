// Before the first paint, and so not a module: whoever is not signed in keeps the colours last used on this device.
(() => {
  const root = document.documentElement
  try {
    if (root.dataset.zone) localStorage.setItem("hark.theme", root.dataset.theme || "system")
    const kept = localStorage.getItem("hark.theme")
    if (!root.dataset.theme && !root.dataset.zone && (kept === "light" || kept === "dark")) root.dataset.theme = kept
  } catch { /* storage may be forbidden; then the device decides */ }
})()
