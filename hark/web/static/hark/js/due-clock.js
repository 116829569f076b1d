// <due-clock due="2026-01-05T10:00:00Z" soon="600">: the time left, ticking. It changes what is read, and announces nothing.
import { asset } from "./request.js"
import { fill, words } from "./words.js"

const ICONS = { over: "hold", soon: "clock", fine: "clock" }
const clocks = new Set()
let timer

export function textOf(seconds) {
  const phrases = words.clock[seconds < 0 ? "over" : "left"]
  const whole = Math.floor(Math.abs(seconds))
  const minutes = Math.floor(whole / 60), hours = Math.floor(whole / 3600), days = Math.floor(whole / 86400)
  if (whole < 60) return fill(phrases.seconds, { seconds: whole })
  if (minutes < 60) return fill(phrases.minutes, { minutes })
  const rest = String(minutes % 60).padStart(2, "0")
  if (hours < 24) return fill(minutes % 60 ? phrases.hours : phrases.full_hours, { hours, minutes: rest })
  return fill(phrases.days, { days, hours: hours % 24 })
}

customElements.define("due-clock", class extends HTMLElement {
  connectedCallback() {
    clocks.add(this)
    this.tick()
    timer ??= setInterval(() => clocks.forEach((clock) => clock.tick()), 1000)
  }

  disconnectedCallback() {
    clocks.delete(this)
    if (!clocks.size) timer = clearInterval(timer)
  }

  tick() {
    const face = this.querySelector(".clock")
    if (!face) return
    const seconds = (new Date(this.getAttribute("due")) - Date.now()) / 1000
    const state = seconds < 0 ? "over" : seconds <= Number(this.getAttribute("soon")) ? "soon" : "fine"
    const text = textOf(seconds)
    const shown = face.querySelector(".clock__text")
    if (shown.textContent !== text) shown.textContent = text
    if (face.classList.contains(`clock--${state}`)) return
    face.className = `clock clock--${state}`
    face.querySelector(".visually-hidden").textContent = words.prefix[state]
    face.querySelector("use").setAttribute("href", asset(`icons.svg#i-${ICONS[state]}`))
  }
})
