// Phrases in the reader's language, from the page: say("saved"), say("count", {count: 3, limit: 280}).
const block = document.getElementById("hark-words")
export const words = block ? JSON.parse(block.textContent) : {}

export function fill(text, values = {}) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? values[name] : whole))
}

export function say(name, values) {
  return fill(words[name] ?? name, values)
}
