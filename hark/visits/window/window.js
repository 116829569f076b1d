/* The chat window: session, live news and screen put together, and the talk with the brand's page around it. */
import { config } from "./config.js"
import { Live } from "./live.js"
import { Screen } from "./screen.js"
import { Session, Store } from "./session.js"

const inFrame = config.mode === "frame" && window.parent !== window
const store = new Store()
const screen = new Screen()
const host = new URLSearchParams(location.search).get("host") ?? ""
const allowed = (origin) => config.origins.some((one) => one === origin ||
  (one.includes("//*.") && origin.startsWith(one.split("*")[0]) && origin.endsWith(one.split("*")[1])))
const tellHost = (type, detail = {}) => {
  if (inFrame && allowed(host)) window.parent.postMessage({ hark: 1, type, ...detail }, host)
}
let isOpen = !inFrame
const answers = () => [...session.lines.values()].filter((line) => line.direction === "out" && !line.deleted).length
const count = () => {
  if (isOpen && session.begun) store.write({ seen: answers() })
  tellHost("unread", { count: Math.max(0, answers() - store.kept.seen) })
}

const session = new Session(store, (fresh) => {
  screen.draw(session)
  if (session.begun && (session.lines.size || session.outbox.some((line) => line.state === "sent"))) live.follow(session.live)
  count()
  for (const event of fresh) if (event.direction === "out") tellHost("message", { detail: { direction: "out" } })
}, (name, detail) => {
  screen.say(name, detail)
  if (name === "unproven") tellHost("identity-refused", { detail })
})
session.onSent = () => {
  tellHost("began")
  tellHost("message", { detail: { direction: "in" } })
}
const live = new Live(() => session.refresh())

const begin = () => session.start().catch(() => screen.say(navigator.onLine ? "trouble" : "offline"))

screen.form.addEventListener("submit", (event) => {
  event.preventDefault()
  const text = screen.text.value.trim()
  if (!text) return
  screen.text.value = ""
  session.say(text)
  screen.log.scrollTop = screen.log.scrollHeight
  screen.text.focus()
})
screen.text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return
  event.preventDefault()
  screen.form.requestSubmit()
})
addEventListener("keydown", (event) => event.key === "Escape" && tellHost("close"))
const close = document.getElementById("chat-close")
close?.addEventListener("click", () => tellHost("close"))
if (inFrame) close.hidden = false
addEventListener("online", () => {
  screen.say("")
  session.refresh()
  session.flush()
})
addEventListener("offline", () => screen.say("offline"))
addEventListener("storage", (event) => {
  if (event.key !== store.key) return
  const { token } = store.kept
  store.read()
  if (store.kept.token !== token && !event.newValue) location.reload() // signed out in another tab
  else screen.draw(session)
})

const opened = document.getElementById("chat-open")
opened?.querySelector("button").addEventListener("click", async () => {
  opened.hidden = true
  screen.form.hidden = false
  await begin()
  screen.text.focus()
})

const commands = {
  open({ page }) {
    isOpen = true
    session.page = page ?? {}
    screen.draw(session)
    screen.text.focus()
    if (!session.begun) begin()
    count()
    screen.log.scrollTop = screen.log.scrollHeight
  },
  closed() { isOpen = false },
  focus() { screen.text.focus() },
  async user({ user }) {
    session.user = user
    if (session.begun || isOpen || store.kept.token) await begin()
  },
  async reset() {
    live.stop()
    await session.reset()
    screen.say("")
  },
}
addEventListener("message", (event) => {
  if (event.source !== window.parent || event.origin !== host || !allowed(host) || event.data?.hark !== 1) return
  commands[event.data.type]?.(event.data)
})

const given = new URLSearchParams(location.hash.slice(1)).get("visit")
if (given) {
  store.write({ token: given, outbox: [] })
  history.replaceState(null, "", location.pathname)
}
screen.draw(session)
screen.form.hidden = Boolean(config.handoff) // shown once the script listens: nothing typed is lost to a plain submit
if (inFrame) {
  tellHost("ready")
  if (store.kept.token) begin()
} else if (!config.handoff) begin()
