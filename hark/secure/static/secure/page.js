/* Looks for new messages, in words that browsers of ten years ago understand. Without it, a link does the same. */
(function () {
  "use strict"
  var said = document.getElementById("said")
  if (!said || !window.XMLHttpRequest) return
  var seconds = 4, quiet = 0

  function look() {
    var shown = document.getElementById("messages")
    var asked = new XMLHttpRequest()
    asked.open("GET", said.getAttribute("data-news") + "?seen=" + encodeURIComponent(shown.getAttribute("data-seen")))
    asked.onload = function () {
      if (asked.status === 200) { said.innerHTML = asked.responseText; quiet = 0 }
      if (asked.status === 403 || asked.status === 410) { location.reload(); return }
      again()
    }
    asked.onerror = again
    asked.send()
  }

  function again() {
    quiet += 1
    seconds = Math.min(4 + Math.floor(quiet / 15) * 2, 30)
    setTimeout(document.hidden ? wait : look, seconds * 1000)
  }

  function wait() {
    if (document.hidden) setTimeout(wait, 2000)
    else look()
  }

  var form = document.getElementById("write")
  if (form && form.addEventListener) form.addEventListener("submit", function () {
    var button = form.querySelector("button")
    setTimeout(function () { button.disabled = true }, 0)
  })
  setTimeout(look, seconds * 1000)
})()
