/* What is known of the conversation, and the way to the server. */
import { config, wait } from "./config.js"

const EMPTY = { token: "", outbox: [], seen: 0 }
// crypto.randomUUID is missing where the brand's page comes without TLS
const fresh = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")
const MOST_KEPT = 100 // lines that wait in the browser

/** The browser's own storage: in a frame it is parted by site, so one brand's page never sees another's. */
export class Store {
  key = `hark-visit-${config.key}`
  kept = { ...EMPTY }

  read() {
    try { this.kept = { ...this.kept, ...JSON.parse(localStorage.getItem(this.key) ?? "{}") } } catch { /* off, or not ours */ }
    return this.kept
  }

  write(changes) {
    Object.assign(this.kept, changes)
    try { localStorage.setItem(this.key, JSON.stringify(this.kept)) } catch { /* kept for this page alone */ }
  }

  clear() {
    this.kept = { ...EMPTY }
    try { localStorage.removeItem(this.key) } catch { /* nothing there */ }
  }
}

class Refused extends Error {
  constructor(status, detail, seconds) {
    super(detail)
    Object.assign(this, { status, seconds })
  }
}

export class Session {
  lines = new Map() // by id, as the server gave them
  live = ""
  cursor = ""
  user = null
  handoff = config.handoff
  page = {}
  starting = null
  flushing = false
  again = false
  epoch = 0 // rises when the session changes hands: answers to an older one are dropped

  constructor(store, onChange, onNotice) {
    Object.assign(this, { store, onChange, onNotice })
    store.read()
  }

  get begun() { return Boolean(this.live) }
  get outbox() { return this.store.kept.outbox }

  /** Begin, or go on with what this browser had. Once at a time. */
  start() {
    return (this.starting ??= this.#start().finally(() => { this.starting = null }))
  }

  async #start() {
    const asked = { key: config.key, locale: navigator.language, identity: this.user, handoff: this.handoff }
    let told
    try {
      told = await this.call("POST", config.sessions, asked)
    } catch (problem) {
      if (problem.status === 403 && this.user) {
        this.user = null
        this.onNotice("unproven", problem.message)
      } else if ([409, 410].includes(problem.status) && this.handoff) {
        this.handoff = ""
        this.onNotice(problem.status === 409 ? "taken" : "gone")
      } else throw problem
      return this.#start()
    }
    if (told.token !== this.store.kept.token) {
      this.epoch += 1
      this.lines.clear()
    }
    this.store.write({ token: told.token })
    this.live = told.live
    this.take(told)
    this.flush()
  }

  async call(method, address, body) {
    const headers = { "Content-Type": "application/json" }
    if (this.store.kept.token) headers.Authorization = `Bearer ${this.store.kept.token}`
    const answer = await fetch(address, { method, headers, credentials: "omit", body: body && JSON.stringify(body) })
    if (answer.ok) return answer.status === 204 ? null : answer.json()
    const told = await answer.json().catch(() => ({}))
    throw new Refused(answer.status, told.detail ?? "", Number(answer.headers.get("Retry-After")) || 0)
  }

  take({ events, cursor }) {
    const fresh = events.filter((event) => !this.lines.has(event.id))
    for (const event of events) this.lines.set(event.id, event)
    const arrived = new Set(events.map((event) => event.client_id).filter(Boolean))
    if (arrived.size) this.store.write({ outbox: this.outbox.filter((line) => !arrived.has(line.client_id)) })
    this.cursor = cursor
    this.onChange(fresh)
  }

  async refresh() {
    if (!this.begun) return
    if (this.refreshing) return void (this.again = true)
    this.refreshing = true
    const { epoch } = this
    try {
      do {
        this.again = false
        const told = await this.call("GET", `${config.events}?after=${encodeURIComponent(this.cursor)}`)
        if (epoch === this.epoch) this.take(told)
      } while (this.again && this.begun)
    } catch (problem) {
      if (problem.status === 401 && epoch === this.epoch) await this.renew()
    } finally {
      this.refreshing = false
    }
  }

  /** The session ended on the server: a new one, with what was not sent yet. */
  async renew() {
    this.live = ""
    this.lines.clear()
    this.store.write({ token: "" })
    await this.start().catch(() => {})
  }

  say(text) {
    const line = { client_id: fresh(), text, at: new Date().toISOString(), state: "sending" }
    this.store.write({ outbox: [...this.outbox, line].slice(-MOST_KEPT) })
    this.onChange([])
    return this.flush()
  }

  retry(id) {
    this.#mark(id, "sending")
    return this.flush()
  }

  #mark(id, state, why = "") {
    this.store.write({ outbox: this.outbox.map((line) => (line.client_id === id ? { ...line, state, why } : line)) })
    this.onChange([])
  }

  /** Send what waits, in order; a lost answer is asked again with the same client_id, which makes one message. */
  async flush() {
    if (this.flushing) return
    this.flushing = true
    let tries = 0
    try {
      for (let line; (line = this.outbox.find((one) => ["sending", "waiting"].includes(one.state))); ) {
        let { epoch } = this
        try {
          if (!this.begun) await this.start()
          epoch = this.epoch
          const { client_id, text } = line
          await this.call("POST", config.messages, { client_id, text, page: this.page })
          tries = 0
          this.#mark(client_id, "sent")
          this.onNotice("")
          this.onSent?.(text)
        } catch (problem) {
          if (epoch !== this.epoch) return
          if (problem.status === 401) await this.renew()
          else if ([403, 404, 409, 413, 422].includes(problem.status)) this.#mark(line.client_id, "failed", problem.message)
          else {
            this.#mark(line.client_id, "waiting")
            this.onNotice(problem.status === 429 ? "slow" : navigator.onLine ? "trouble" : "offline")
            await Promise.race([
              wait(problem.seconds || Math.min(30, 2 ** tries++) * (0.75 + Math.random() / 2)),
              new Promise((done) => addEventListener("online", done, { once: true })),
            ])
          }
        }
      }
    } finally {
      this.flushing = false
    }
  }

  async reset() {
    this.epoch += 1
    this.live = "" // from here on nothing begins by itself
    this.lines.clear()
    const ended = this.store.kept.token && this.call("DELETE", config.sessions)
    this.store.clear()
    Object.assign(this, { user: null, cursor: "", handoff: "" })
    this.onChange([])
    await Promise.resolve(ended).catch(() => {})
  }
}
