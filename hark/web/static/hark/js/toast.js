// <toast-note seconds="8">: says what just happened, and goes. Stays under the pointer and while focus is inside;
// data-stays keeps it until it is closed. A response may send one: HX-Trigger: {"toast": {"text": "…", "kind": "failed"}}.
import { asset } from "./request.js"
import { say } from "./words.js"

customElements.define("toast-note", class extends HTMLElement {
  connectedCallback() {
    if (!this.querySelector("[data-toast-close]")) this.append(closer())
    this.addEventListener("pointerenter", () => this.wait())
    this.addEventListener("focusin", () => this.wait())
    this.addEventListener("pointerleave", () => this.start())
    this.addEventListener("focusout", () => this.start())
    this.addEventListener("click", (event) => { if (event.target.closest("[data-toast-close]")) this.remove() })
    this.start()
  }

  disconnectedCallback() { this.wait() }
  wait() { clearTimeout(this.timer) }

  start() {
    this.wait()
    if (this.hasAttribute("data-stays") || this.matches(":focus-within, :hover")) return
    this.timer = setTimeout(() => this.remove(), 1000 * (Number(this.getAttribute("seconds")) || 8))
  }
})

function drawing(name) {
  const box = document.createElement("template")
  box.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${asset(`icons.svg#i-${name}`)}"/></svg>`
  return box.content
}

function closer() {
  const button = document.createElement("button")
  button.type = "button"
  button.className = "toast__close"
  button.dataset.toastClose = ""
  button.setAttribute("aria-label", say("close"))
  button.append(drawing("close"))
  return button
}

export function toast(text, kind = "") {
  const place = document.getElementById("toasts")
  if (!place || [...place.children].some((note) => note.dataset.text === text)) return
  const note = document.createElement("toast-note")
  note.className = kind === "failed" ? "toast toast--failed" : "toast"
  note.dataset.text = text
  note.append(drawing(kind === "failed" ? "warn" : "check-circle"), Object.assign(document.createElement("span"), { textContent: text }))
  place.append(note)
}

export const fail = (name) => toast(say(name), "failed")

document.addEventListener("toast", ({ detail }) => toast(detail.text ?? detail.value, detail.kind))
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (!live(detail)) fail(detail.xhr.status === 403 ? "forbidden" : "failed")
})
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => { if (!live(detail)) fail("unreachable") })
}

// What the page fetches by itself fails in silence: the banner of live.js says it once.
function live({ requestConfig }) {
  const event = requestConfig?.triggeringEvent?.type ?? ""
  return event.startsWith("sse:") || event === "load"
}
