// <case-presence beat="URL" leave="URL">: colleagues see who looks at a case and who writes. Only while the page is seen.
import { wroteLately } from "./composer.js"
import { post, token } from "./request.js"

const BEAT_MS = 15_000

customElements.define("case-presence", class extends HTMLElement {
  connectedCallback() {
    this.shown = () => { if (document.visibilityState === "visible") this.beat() }
    this.gone = () => this.leave()
    this.typed = () => { if (!this.wrote) this.beat() }
    document.addEventListener("visibilitychange", this.shown)
    document.addEventListener("input", this.typed)
    window.addEventListener("pagehide", this.gone)
    this.timer = setInterval(this.shown, BEAT_MS)
    this.shown()
  }

  disconnectedCallback() {
    clearInterval(this.timer)
    document.removeEventListener("visibilitychange", this.shown)
    document.removeEventListener("input", this.typed)
    window.removeEventListener("pagehide", this.gone)
    this.leave()
  }

  beat() {
    this.wrote = wroteLately(BEAT_MS)
    post(this.getAttribute("beat"), { writing: this.wrote ? "1" : "0" }).catch(() => { /* live.js says when we are offline */ })
  }

  leave() {
    const url = this.getAttribute("leave")
    if (url) navigator.sendBeacon(url, new URLSearchParams({ csrfmiddlewaretoken: token() }))
  }
})
