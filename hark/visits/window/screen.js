/* What is seen. Text of people enters the page as text, never as markup. */
import { config, words } from "./config.js"

export class Screen {
  log = document.getElementById("chat-log")
  list = document.getElementById("chat-lines")
  form = document.getElementById("chat-form")
  text = document.getElementById("chat-text")
  notice = document.getElementById("chat-notice")
  template = document.getElementById("chat-line").content.firstElementChild
  shown = new Map()
  time = new Intl.DateTimeFormat(config.locale, { hour: "2-digit", minute: "2-digit" })
  day = new Intl.DateTimeFormat(config.locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" })

  say(name, detail = "") {
    this.notice.hidden = !name
    this.notice.querySelector("p").textContent = name ? words[name] : ""
    this.notice.title = detail
  }

  draw(session) {
    const nearEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 120
    const known = [...session.lines.values()].sort((one, other) => one.at.localeCompare(other.at))
    const mine = session.outbox.map((line) => ({ ...line, id: line.client_id, direction: "in", files: [] }))
    const all = [...known, ...mine]
    const keys = new Set()
    let after = null
    for (const line of all) {
      const key = line.client_id || line.id // so that a sent line stays the same element when it comes back
      keys.add(key)
      const element = this.#element(key)
      this.#fill(element, line, session)
      if ((after ? after.nextElementSibling : this.list.firstElementChild) !== element) {
        after ? after.after(element) : this.list.prepend(element)
      }
      after = element
    }
    for (const [key, element] of this.shown) {
      if (keys.has(key)) continue
      element.remove()
      this.shown.delete(key)
    }
    if (nearEnd) this.log.scrollTop = this.log.scrollHeight
  }

  #element(key) {
    if (!this.shown.has(key)) this.shown.set(key, this.template.cloneNode(true))
    return this.shown.get(key)
  }

  #fill(element, line, session) {
    const drawn = JSON.stringify(line)
    if (element.drawn === drawn) return
    element.drawn = drawn
    const mine = line.direction === "in"
    const part = (name) => element.querySelector(name)
    element.classList.toggle("bubble--mine", mine)
    element.toggleAttribute("data-gone", Boolean(line.deleted))
    element.dataset.state = line.state ?? ""
    part(".bubble__text").replaceChildren(...(line.deleted ? [words.deleted] : mine ? [line.text] : linked(line.text)))
    part(".bubble__text").hidden = !line.text && !line.deleted
    part(".chat__files").replaceChildren(...line.files.map((file) => {
      const image = new Image()
      image.src = file.url
      image.alt = file.alt || words.picture
      return image
    }))
    const at = new Date(line.at)
    const today = at.toDateString() === new Date().toDateString()
    part(".chat__name").textContent = mine ? words.you : [line.author, config.brand].filter(Boolean).join(", ")
    part("time").textContent = (today ? this.time : this.day).format(at)
    part("time").dateTime = line.at
    part(".chat__state").textContent =
      (line.state === "failed" ? `${words.failed} ${line.why}` : words[line.state] ?? "") || (line.edited ? words.edited : "")
    const again = part("button")
    again.hidden = line.state !== "failed"
    again.textContent = words.again
    again.onclick = () => session.retry(line.client_id)
  }
}

/** Text with its web addresses as links; anything else stays letters. */
function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/).map((piece, at) => {
    if (at % 2 === 0) return piece
    const link = document.createElement("a")
    link.href = piece
    link.textContent = piece
    link.target = "_blank"
    link.rel = "noopener noreferrer nofollow"
    return link
  })
}
