// Live updates. htmx's extension holds the stream and triggers `sse:<topic>`; here is what happens when it breaks:
// everything is fetched again after a reconnect, the page says that it is offline, and looks by itself meanwhile.
import { say } from "./words.js"

const PATIENCE_MS = 4000 // a short break is nobody's business
const STALE_MS = 30_000
const POLL_MS = 15_000
const LIVE = "[hx-trigger*='sse:']"

let broken, warning, stale, polling

export function refetch() {
  for (const element of document.querySelectorAll(LIVE)) {
    if (element.parentElement.closest(LIVE)) continue // it comes along with what it stands in
    const topic = element.getAttribute("hx-trigger").match(/sse:[\w-]+/)[0]
    window.htmx.trigger(element, topic)
  }
}

function show(text) {
  for (const status of document.querySelectorAll("live-status")) {
    status.hidden = !text
    status.querySelector("p").textContent = text
  }
}

function lost() {
  if (broken) return
  broken = true
  warning = setTimeout(() => show(say("offline")), PATIENCE_MS)
  stale = setTimeout(() => {
    show(say("stale"))
    polling = setInterval(refetch, POLL_MS)
    refetch()
  }, STALE_MS)
}

function found() {
  broken = false
  for (const timer of [warning, stale]) clearTimeout(timer)
  clearInterval(polling)
  show("")
}

document.addEventListener("htmx:sseOpen", ({ detail: { source } }) => {
  found()
  if (source.knowsHello) return
  source.knowsHello = true
  source.addEventListener("hello", () => { found(); refetch() })
})
document.addEventListener("htmx:sseError", lost)
window.addEventListener("offline", lost)
window.addEventListener("online", () => { if (!document.querySelector("[sse-connect]")) found() })
window.addEventListener("pageshow", (event) => { if (event.persisted) refetch() })
