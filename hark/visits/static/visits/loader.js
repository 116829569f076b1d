/* The chat on a brand's site: a launcher and a frame of our own origin. Plain script, one request.
   <script async src="https://care.example/static/visits/loader.js" data-key="…" data-label="Chat with us"></script>
   Works under a Content-Security-Policy with our origin in script-src and frame-src; sets no inline style or script.
   Calls made before it loads wait in window.hark.q: (window.hark ||= {q: []}).q.push(["setUser", "42", {…}]) */
(() => {
  const script = document.currentScript
  const origin = new URL(script.src).origin
  const settings = { ...script.dataset, ...window.harkSettings }
  const waiting = window.hark?.q ?? []
  if (window.hark?.open || !settings.key) return

  const WAS_HERE = `hark-chat-${settings.key}`
  const label = settings.label || "Chat"
  const listeners = {}
  let frame = null
  let ready = false
  let user = null
  let isOpen = false
  const unsent = []

  const STYLE = `
    :host { all: initial; --chat: #14635d; --on: #fff; color-scheme: light dark; }
    * { box-sizing: border-box; }
    button { font: inherit; border: 0; cursor: pointer; padding: 0; }
    .launcher { position: fixed; inset-block-end: 20px; inset-inline-end: 20px; z-index: 2147483000; inline-size: 60px;
      block-size: 60px; border-radius: 50%; background: var(--chat); color: var(--on); display: grid; place-items: center;
      box-shadow: 0 1px 2px rgb(0 0 0 / .2), 0 8px 24px rgb(0 0 0 / .22); }
    .launcher:hover { filter: brightness(1.08); }
    .launcher:focus-visible { outline: 3px solid var(--chat); outline-offset: 3px; }
    svg { inline-size: 28px; block-size: 28px; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round;
      stroke-linejoin: round; }
    .root:not(.open) .opened, .open .shut { display: none; }
    .badge { position: absolute; inset-block-start: -3px; inset-inline-end: -3px; min-inline-size: 22px; block-size: 22px;
      padding-inline: 6px; border-radius: 11px; background: #b3261e; color: #fff; border: 2px solid #fff;
      font: 600 12px/18px system-ui, sans-serif; text-align: center; }
    .panel { position: fixed; inset-block-end: 96px; inset-inline-end: 20px; z-index: 2147483000; inline-size: 392px;
      block-size: min(640px, 100vh - 116px); block-size: min(640px, 100dvh - 116px); border-radius: 16px; overflow: hidden;
      border: 1px solid rgb(127 127 127 / .35);
      box-shadow: 0 1px 2px rgb(0 0 0 / .16), 0 16px 48px rgb(0 0 0 / .26); }
    iframe { inline-size: 100%; block-size: 100%; border: 0; display: block; background: Canvas; }
    .start .launcher, .start .panel { inset-inline: 20px auto; }
    .spoken { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
    [hidden] { display: none !important; }
    @media (max-width: 480px) {
      .panel, .start .panel { inset: 0; inline-size: 100%; block-size: 100vh; block-size: 100dvh; border-radius: 0; border: 0; }
      .open.ready .launcher { display: none; } /* until then it is the way back */
    }
    @media (prefers-reduced-motion: no-preference) {
      .panel { animation: rise .18s cubic-bezier(.2, 0, 0, 1); }
      @keyframes rise { from { opacity: 0; translate: 0 12px; } }
    }
    @media print { .root { display: none; } }`

  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name)
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
    element.append(...children)
    return element
  }
  const drawing = (path, name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path")
    svg.setAttribute("viewBox", "0 0 24 24")
    svg.setAttribute("aria-hidden", "true")
    svg.setAttribute("class", name)
    line.setAttribute("d", path)
    svg.append(line)
    return svg
  }

  const host = make("hark-chat")
  const shade = host.attachShadow({ mode: "open" })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(STYLE)
  shade.adoptedStyleSheets = [sheet]
  const badge = make("span", { class: "badge" })
  badge.hidden = true
  const spoken = make("span", { class: "spoken", role: "status" })
  const launcher = make("button", { class: "launcher", type: "button", "aria-label": label, "aria-expanded": "false" },
    drawing("M4.5 5.5h15v10.500h-8L7 20v-4H4.500z", "shut"), drawing("m6 6 12 12M18 6 6 18", "opened"), badge)
  const panel = make("div", { class: "panel", role: "dialog", "aria-label": label, id: "panel" })
  panel.hidden = true
  launcher.setAttribute("aria-controls", "panel")
  const root = make("div", { class: `root ${settings.position === "start" ? "start" : ""}` }, panel, launcher, spoken)
  shade.append(root)

  if (/^#[0-9a-f]{6}$/i.test(settings.colour ?? "")) {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(settings.colour.slice(at, at + 2), 16) / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    const dark = 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179
    host.style.setProperty("--chat", settings.colour)
    host.style.setProperty("--on", dark ? "#10201f" : "#fff")
  }

  const remember = (yes) => {
    try { yes ? localStorage.setItem(WAS_HERE, "1") : localStorage.removeItem(WAS_HERE) } catch { /* storage is off */ }
  }
  const remembered = () => {
    try { return localStorage.getItem(WAS_HERE) === "1" } catch { return false }
  }

  const tell = (type, detail = {}) => {
    if (ready) frame.contentWindow.postMessage({ hark: 1, type, ...detail }, origin)
    else unsent.push([type, detail])
  }
  const page = () => ({ url: location.origin + location.pathname, title: document.title })

  const load = () => {
    if (frame) return
    const address = `${origin}/chat/${encodeURIComponent(settings.key)}/frame?host=${encodeURIComponent(location.origin)}`
    frame = make("iframe", { src: address, title: label, allow: "clipboard-write" })
    // Guards keep the keyboard inside while the window covers the page on a phone.
    const guard = () => {
      const element = make("span", { tabindex: "0", "aria-hidden": "true" })
      element.addEventListener("focus", () => isPhone() ? tell("focus") : null)
      return element
    }
    panel.append(...(isPhone() ? [guard(), frame, guard()] : [frame]))
  }
  const isPhone = () => matchMedia("(max-width: 480px)").matches

  const show = (opened) => {
    if (opened === isOpen) return
    isOpen = opened
    if (opened) load()
    panel.hidden = !opened
    panel.setAttribute("aria-modal", String(opened && isPhone()))
    root.classList.toggle("open", opened)
    launcher.setAttribute("aria-expanded", String(opened))
    tell(opened ? "open" : "closed", { page: page() })
    if (opened) {
      count(0)
      frame.focus()
    } else launcher.focus()
    fire(opened ? "open" : "close")
  }

  const count = (unread) => {
    badge.hidden = !unread
    badge.textContent = unread > 9 ? "9+" : String(unread)
    launcher.setAttribute("aria-label", unread ? `${label} (${unread})` : label)
    spoken.textContent = unread ? `${label}: ${unread}` : ""
  }

  const fire = (event, detail) => (listeners[event] ?? []).forEach((listener) => {
    try { listener(detail) } catch (problem) { console.error(problem) }
  })

  addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== origin || event.data?.hark !== 1) return
    const { type } = event.data
    if (type === "ready") {
      ready = true
      root.classList.add("ready")
      if (user) tell("user", { user })
      unsent.splice(0).forEach(([name, detail]) => tell(name, detail))
    } else if (type === "close") show(false)
    else if (type === "unread") isOpen ? null : (count(event.data.count), fire("unread", event.data.count))
    else if (type === "began") remember(true)
    else if (type === "message" || type === "identity-refused") fire(type, event.data.detail)
  })

  launcher.addEventListener("click", () => show(!isOpen))
  shade.addEventListener("keydown", (event) => event.key === "Escape" && show(false))

  const api = {
    open: () => show(true),
    close: () => show(false),
    toggle: () => show(!isOpen),
    /** Who is signed in: an identifier and its proof, {identifier_hash} or {token}, with name and email. */
    setUser: (id, { identifier_hash = "", token = "", name = "", email = "" } = {}) => {
      user = { id: String(id ?? ""), hash: identifier_hash, token, name, email }
      if (ready) tell("user", { user })
    },
    /** On sign-out: the session ends and the conversation leaves the screen. */
    reset: () => {
      user = null
      count(0)
      if (remembered()) load()
      remember(false)
      if (frame) tell("reset")
    },
    on: (event, listener) => { (listeners[event] ??= []).push(listener) },
  }
  window.hark = api
  const start = () => {
    document.body.append(host)
    for (const [name, ...rest] of waiting) api[name]?.(...rest)
    waiting.push = (...calls) => calls.forEach(([name, ...rest]) => api[name]?.(...rest))
    api.q = waiting
    if (remembered()) (window.requestIdleCallback ?? setTimeout)(load)
  }
  document.body ? start() : addEventListener("DOMContentLoaded", start)
})()
