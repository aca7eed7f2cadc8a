'use strict'

// Changes JSON values, and texts of them, into others. (targets/mutate.rs does so for the Rust targets.)

/** Values that have surprised somebody before. */
const ODD = [null, true, 0, -0, -1, 0.5, 65536, 2 ** 31, 2 ** 53, 1e308, '', '0', 'x', 'constructor', '\u0000', [], [[]], {}, { length: 1 }, { toString: 1 }]

/** Longer inputs only make it slow. */
const LONGEST = 16 * 1024
const MOST_CHANGES = 3

/** An input with one to three changes; some of the values come from another input. */
function mutate (input, other, dice) {
  const changed = within(input, value => {
    for (let left = dice.between(1, MOST_CHANGES); left > 0; left--) changeOne(value, other, dice)
    return value
  })
  const torn = typeof changed === 'string' && dice.chance(0.1) ? variedText(changed, dice) : changed
  return JSON.stringify(torn).length > LONGEST ? input : torn
}

/** The same without one of its parts, each in turn: the outer ones first. */
function * smaller (input) {
  const count = placesIn(valueOf(input)).length
  for (let index = 0; index < count; index++) {
    yield within(input, value => {
      takeOut(...placesIn(value)[index])
      return value
    })
  }
}

/** Every member of every object and list in a value. @returns {Array<[holder: object, name: string]>} */
function placesIn (value) {
  return isObject(value) ? Object.keys(value).flatMap(name => [[value, name], ...placesIn(value[name])]) : []
}

/** Edits a copy of a value, or of the value that a text holds. */
function within (input, edit) {
  const value = valueOf(input)
  if (!isObject(value)) return input
  const edited = edit(JSON.parse(JSON.stringify(value)))
  return typeof input === 'string' ? JSON.stringify(edited) : JSON.parse(JSON.stringify(edited))
}

function valueOf (input) {
  if (typeof input !== 'string') return input
  try {
    return JSON.parse(input)
  } catch (error) {
    return null
  }
}

function changeOne (value, other, dice) {
  const places = placesIn(value)
  if (places.length === 0) return
  const [holder, name] = dice.oneOf(places)
  switch (dice.below(6)) {
    case 0: return takeOut(holder, name)
    case 1: return repeat(holder, name, dice)
    case 2: return put(holder, name, partOf(valueOf(other), dice))
    case 3: return put(holder, name, varied(holder[name], dice))
    default: return put(holder, name, dice.oneOf(ODD))
  }
}

function takeOut (holder, name) {
  if (Array.isArray(holder)) holder.splice(Number(name), 1)
  else delete holder[name]
}

/** What comes twice, or later than it should. */
function repeat (holder, name, dice) {
  if (Array.isArray(holder)) holder.splice(dice.below(holder.length + 1), 0, copyOf(holder[name]))
  else put(holder, dice.oneOf(Object.keys(holder)), holder[name])
}

function put (holder, name, value) {
  holder[name] = copyOf(value)
}

function partOf (value, dice) {
  const places = placesIn(value)
  if (places.length === 0) return value
  const [holder, name] = dice.oneOf(places)
  return holder[name]
}

/** A little of the same kind. */
function varied (value, dice) {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') return dice.oneOf([value + 1, value - 1, value * 2, value / 2, -value])
  if (typeof value === 'string') return variedText(value, dice)
  return Array.isArray(value) ? [...value, ...value] : {}
}

function variedText (text, dice) {
  const middle = dice.below(text.length + 1)
  const [before, after] = [text.slice(0, middle), text.slice(middle)]
  return dice.oneOf([before, after, before + text, before + dice.oneOf(['é', '\u0000', '\n', '0', '-', '.', ':', '"', '{', ']']) + after])
}

/** Nothing is in two places at once: a change would change both. */
function copyOf (value) {
  return value === undefined ? null : JSON.parse(JSON.stringify(value))
}

function isObject (value) {
  return typeof value === 'object' && value !== null
}

module.exports = { ODD, mutate, placesIn, smaller }
