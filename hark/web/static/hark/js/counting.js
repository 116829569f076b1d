// How long a text is to a network, as in hark.replies.counting, which decides. Here only so that the counter is at once.
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" })
const LINK = /https?:\/\/\S+/g
const LINK_WEIGHT = 23 // https://docs.x.com/resources/fundamentals/counting-characters
const LIGHT = [[0, 4351], [8192, 8205], [8208, 8223], [8242, 8247]] // code points that weigh one; others weigh two

const graphemes = (text) => [...segmenter.segment(text)].length

function weighted(text) {
  const links = text.match(LINK) ?? []
  let sum = links.length * LINK_WEIGHT
  for (const { segment } of segmenter.segment(text.replace(LINK, ""))) {
    if (/\p{Extended_Pictographic}|\p{Regional_Indicator}{2}/u.test(segment)) { sum += 2; continue }
    for (const character of segment) {
      const code = character.codePointAt(0)
      sum += LIGHT.some(([from, to]) => code >= from && code <= to) ? 1 : 2
    }
  }
  return sum
}

const GSM = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")
const GSM_TWO = new Set("^{}\\[~]|€")

function segments(text) {
  const letters = [...text]
  if (letters.every((letter) => GSM.has(letter) || GSM_TWO.has(letter))) {
    const length = letters.reduce((sum, letter) => sum + (GSM_TWO.has(letter) ? 2 : 1), 0)
    return length <= 160 ? 1 : Math.ceil(length / 153)
  }
  return text.length <= 70 ? 1 : Math.ceil(text.length / 67)
}

const UNITS = {
  graphemes,
  weighted,
  segments,
  utf16: (text) => text.length,
  bytes: (text) => new TextEncoder().encode(text).length,
  chars: (text) => [...text].length,
}

export function count(text, unit) {
  return (UNITS[unit] ?? graphemes)(text.trim())
}
