/* Hears that something changed. */
import { config, wait } from "./config.js"

/** One stream for all tabs of the site: whoever holds the lock listens and tells the others. Without it, polling. */
export class Live {
  channel = new BroadcastChannel(`hark-visit-${config.key}`)
  source = null
  ticket = ""
  release = null

  constructor(onNews) {
    this.onNews = onNews
    this.channel.onmessage = (event) => event.data === "news" && onNews()
    this.#poll()
  }

  follow(ticket) {
    if (this.ticket === ticket) return
    this.stop()
    this.ticket = ticket
    const name = `hark-live-${config.key}`
    if (!navigator.locks) return this.#listen(ticket)
    navigator.locks.request(name, () => {
      if (this.ticket !== ticket) return undefined
      this.#listen(ticket)
      return new Promise((done) => { this.release = done })
    })
  }

  #listen(ticket) {
    this.source = new EventSource(`/live?chat=${encodeURIComponent(ticket)}`)
    const news = () => {
      this.channel.postMessage("news")
      this.onNews()
    }
    for (const name of ["hello", "chat", "before"]) this.source.addEventListener(name, news)
    this.source.onerror = () => this.source?.readyState === EventSource.CLOSED && setTimeout(() => {
      if (this.ticket === ticket) this.#listen(ticket)
    }, 15000)
  }

  stop() {
    this.ticket = ""
    this.source?.close()
    this.source = null
    this.release?.()
    this.release = null
  }

  /** News that no stream brings, and whatever a stream lost. */
  async #poll() {
    for (;;) {
      const heard = this.source?.readyState === EventSource.OPEN
      await wait(heard ? 60 : document.hidden ? 30 : 5)
      if (!heard || !document.hidden) this.onNews()
    }
  }
}
