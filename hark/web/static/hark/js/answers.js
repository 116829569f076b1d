// <form data-inserts>: an answer of record goes into the composer where the caret is; its first marked place is selected,
// since that is where the agent's own words belong. Without the composer, or without script, the form goes its own way.
import { post } from "./request.js"

const MARK = /⟦[^⟧]*⟧/

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-inserts]")
  const field = document.getElementById("reply-text")
  if (!form || !field) return
  event.preventDefault()
  if (form.dataset.busy) return
  form.dataset.busy = "1"
  const to = document.querySelector("#reply input[name=to]")?.value ?? "public"
  try {
    const answer = await post(form.action, { to })
    if (!answer.ok) return form.submit()
    insert(field, await answer.text())
  } catch {
    form.submit()
  } finally {
    delete form.dataset.busy
  }
})

function insert(field, text) {
  const { selectionStart: start, selectionEnd: end, value } = field
  if (value.includes(text)) return select(field, value.indexOf(text))
  const before = start > 0 && value[start - 1] !== "\n" ? "\n" : ""
  const after = end < value.length && value[end] !== "\n" ? "\n" : ""
  field.setRangeText(before + text + after, start, end, "end")
  field.dispatchEvent(new Event("input", { bubbles: true }))
  select(field, start)
}

function select(field, from) {
  if (!field.checkVisibility()) location.hash = "case" // one pane at a time on a phone
  field.focus()
  const mark = MARK.exec(field.value.slice(from))
  if (mark) field.setSelectionRange(from + mark.index, from + mark.index + mark[0].length)
}
