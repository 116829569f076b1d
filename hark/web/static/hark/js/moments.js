// Moments in the browser's own zone, for whoever has not chosen one (the server then wrote them in UTC).
const lang = document.documentElement.lang || undefined
const zone = document.documentElement.dataset.zone
const full = new Intl.DateTimeFormat(lang, { dateStyle: "full", timeStyle: "short" })
const clock = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
const day = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short" })
const dayOfYear = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short", year: "numeric" })
const weekday = new Intl.DateTimeFormat(lang, { weekday: "long" })
const relative = new Intl.RelativeTimeFormat(lang, { numeric: "auto" })
const DAY_MS = 86_400_000

const midnight = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate())

export function moment(at, now = new Date()) {
  const distance = Math.round((midnight(at) - midnight(now)) / DAY_MS)
  if (distance === 0) return clock.format(at)
  if (Math.abs(distance) === 1) return `${relative.format(distance, "day")} ${clock.format(at)}`
  if (distance > 1 && distance < 7) return `${weekday.format(at)} ${clock.format(at)}`
  return (at.getFullYear() === now.getFullYear() ? day : dayOfYear).format(at)
}

function localise(root) {
  for (const element of root.querySelectorAll("time[data-when]:not([data-done])")) {
    const at = new Date(element.dateTime)
    if (Number.isNaN(at.valueOf())) continue
    element.textContent = moment(at)
    element.title = full.format(at)
    element.dataset.done = ""
  }
}

if (zone === "UTC" && Intl.DateTimeFormat().resolvedOptions().timeZone !== "UTC") {
  localise(document)
  document.addEventListener("htmx:load", ({ detail }) => localise(detail.elt.parentElement ?? document))
}
