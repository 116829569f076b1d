// <undo-count until="2026-01-05T10:00:08Z">: whole seconds that are left to take a reply back.
customElements.define("undo-count", class extends HTMLElement {
  connectedCallback() { this.timer = setInterval(() => this.show(), 500); this.show() }
  disconnectedCallback() { clearInterval(this.timer) }
  show() {
    const left = Math.ceil((new Date(this.getAttribute("until")) - Date.now()) / 1000)
    this.textContent = left > 0 ? `${left} s` : ""
    if (left <= 0) clearInterval(this.timer)
  }
})
