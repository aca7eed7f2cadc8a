'use strict'

// How numbers are said. The page's scripts have these too: page.js puts this file before them.

/** `1 block`, `7 blocks`. */
function count (number, noun, ending = 's') {
  return `${number} ${noun}${number === 1 ? '' : ending}`
}

/** A duration as people say it, to two units at most. */
function spell (milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`
  return `${Math.floor(hours / 24)} days`
}

module.exports = { count, spell }
