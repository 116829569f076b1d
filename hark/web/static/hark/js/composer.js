// <care-composer draft="URL" unit="graphemes" limit="300">: saves what is typed a moment later, counts in the network's
// own unit, grows with the text, and warns before unsaved words are lost. Works as a plain form without any of it.
import { count } from "./counting.js"
import { post } from "./request.js"
import { say } from "./words.js"

const PAUSE_MS = 600
const RETRY_MS = 5000
const MARK = 6 // " (1/2)" at the end of each part
const NEAR = 0.8 // of the limit: the counter shows in strong ink
const composers = new Set()

customElements.define("care-composer", class extends HTMLElement {
  connectedCallback() {
    composers.add(this)
    this.saved = this.text
    this.addEventListener("input", this)
    this.addEventListener("submit", this)
    this.addEventListener("htmx:afterRequest", this)
    this.measure()
  }

  disconnectedCallback() {
    composers.delete(this)
    if (this.dirty) this.save(true)
    clearTimeout(this.timer)
  }

  get field() { return this.querySelector("textarea") }
  get text() { return this.field?.value ?? "" }
  get form() { return this.querySelector("form") ?? this.closest("form") }
  get dirty() { return !this.sent && this.hasAttribute("draft") && this.text !== this.saved }

  handleEvent(event) {
    if (event.type === "submit") { this.sent = true; clearTimeout(this.timer) }
    else if (event.type === "htmx:afterRequest") { if (!event.detail.successful) this.sent = false }
    else if (event.target === this.field) { this.sent = false; this.typedAt = Date.now(); this.measure(); this.later(PAUSE_MS) }
  }

  later(delay) {
    if (!this.hasAttribute("draft")) return
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.save(), delay)
  }

  // Only the newest text matters: a save that is overtaken is not shown as saved.
  async save(leaving = false) {
    const text = this.text
    if (this.sent || text === this.saved) return
    const values = new FormData(this.form ?? undefined)
    values.set(this.field?.name || "text", text)
    for (const [name, value] of [...values]) if (value instanceof File) values.delete(name)
    this.say("saving")
    try {
      const answer = await post(this.getAttribute("draft"), new URLSearchParams(values), { keepalive: leaving })
      if (!answer.ok) throw new Error(answer.status)
      this.saved = text
      if (this.text === text) this.say("saved")
    } catch {
      this.say("unsaved")
      if (this.isConnected) this.later(RETRY_MS)
    }
  }

  say(name) {
    const place = this.querySelector("[data-saved]")
    if (place) place.textContent = say(name)
    this.dataset.state = name
  }

  measure() {
    const place = this.querySelector("[data-count]")
    const limit = Number(this.getAttribute("limit"))
    if (!place || !limit) return
    const length = count(this.text, this.getAttribute("unit"))
    const over = length - limit
    place.textContent = say("count", { count: length, limit })
    if (over > 0) {
      const parts = this.hasAttribute("parts") ? say("parts", { parts: Math.ceil(length / (limit - MARK)) }) : say("over_limit", { over })
      place.textContent += ` · ${parts}`
    }
    place.dataset.state = over > 0 ? (this.hasAttribute("parts") ? "near" : "over") : length >= limit * NEAR ? "near" : ""
  }
})

export const wroteLately = (within) => [...composers].some((composer) => composer.typedAt > Date.now() - within)

window.addEventListener("beforeunload", (event) => {
  if ([...composers].some((composer) => composer.dirty)) event.preventDefault()
})
window.addEventListener("pagehide", () => composers.forEach((composer) => { if (composer.dirty) composer.save(true) }))
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") composers.forEach((composer) => { if (composer.dirty) composer.save(true) })
})
document.addEventListener("htmx:afterSettle", () => composers.forEach((composer) => composer.measure()))
