// The palette: whatever the page offers as data-command, found by typing; a text that is no command is searched for.
import { asset } from "./request.js"
import { say } from "./words.js"

const palette = document.getElementById("palette")
const input = palette?.querySelector("input")
const list = palette?.querySelector("[role=listbox]")
let found = [], at = 0

function commands() {
  const seen = new Set()
  return [...document.querySelectorAll("[data-command]")].filter((element) => {
    const usable = element.getAttribute("aria-disabled") !== "true" && !element.disabled && !seen.has(element.dataset.command)
    if (usable) seen.add(element.dataset.command)
    return usable
  }).map((element) => ({
    label: element.dataset.command,
    icon: element.dataset.icon || iconIn(element),
    key: element.dataset.key,
    group: element.dataset.group,
    run: () => element.matches("input, textarea") ? element.focus() : element.click(),
  }))
}

function iconIn(element) {
  return element.querySelector("use")?.getAttribute("href").split("#i-")[1] ?? "right"
}

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()

// Every typed word begins a word of the label, in any order; earlier beginnings first.
function rank(label, typed) {
  const words = plain(label).split(/\s+/)
  let score = 0
  for (const part of plain(typed).split(/\s+/).filter(Boolean)) {
    const index = words.findIndex((word) => word.startsWith(part))
    if (index < 0) return plain(label).includes(part) ? 50 : -1
    score += index
  }
  return score
}

function search(typed) {
  const url = new URL(palette.dataset.search, location.href)
  url.searchParams.set("q", typed)
  return { label: say("search_for", { text: typed }), icon: "search", run: () => location.assign(url) }
}

function show() {
  const typed = input.value.trim()
  found = commands()
    .map((command) => ({ ...command, rank: rank(command.label, typed) }))
    .filter((command) => command.rank >= 0)
    .sort((one, two) => one.rank - two.rank)
  if (typed && palette.dataset.search) found.push(search(typed))
  at = 0
  list.replaceChildren(...(found.length ? found.map(line) : [nothing()]))
  mark()
}

function nothing() {
  const text = document.createElement("p")
  text.className = "palette__item"
  text.textContent = say("nothing")
  return text
}

function line(command, index) {
  const row = document.createElement("div")
  row.className = "palette__item"
  row.id = `palette-${index}`
  row.setAttribute("role", "option")
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("class", "icon")
  svg.setAttribute("aria-hidden", "true")
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use")
  use.setAttribute("href", asset(`icons.svg#i-${command.icon}`))
  svg.append(use)
  const label = document.createElement("span")
  label.textContent = command.label
  row.append(svg, label)
  if (command.group) row.append(Object.assign(document.createElement("small"), { textContent: command.group }))
  if (command.key) row.append(Object.assign(document.createElement("span"), { className: "kbd", textContent: command.key }))
  row.addEventListener("click", () => run(index))
  return row
}

function mark() {
  list.querySelectorAll("[role=option]").forEach((row, index) => row.setAttribute("aria-selected", String(index === at)))
  input.setAttribute("aria-activedescendant", found.length ? `palette-${at}` : "")
  list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" })
}

function run(index) {
  const command = found[index]
  palette.close()
  command?.run()
}

if (palette) {
  new MutationObserver(() => { if (palette.open) { input.value = ""; show() } }).observe(palette, { attributeFilter: ["open"] })
  input.addEventListener("input", show)
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && found.length) { at = (at + step + found.length) % found.length; mark(); event.preventDefault() }
    if (event.key === "Enter") { run(at); event.preventDefault() }
  })
}
