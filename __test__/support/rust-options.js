'use strict'

// The table of options as native code has it, read in its source: what is added there is missed elsewhere by name.

const fs = require('node:fs')
const path = require('node:path')

const SOURCES = path.join(__dirname, '..', '..', 'src')
/** What an option begins with, as `block.or("timeout", …)`. */
const CALL = /\bblock\s*\.\s*(or|optional|required|object|get|missing)\(\s*(?=")/g

/**
 * Each option, with what it is made of where a row of the table says so: `parser` and `default` are Rust's expressions.
 * @returns {Map<string, { parser?: string, default?: string }>}
 */
function readTable (files = filesIn('config')) {
  const table = new Map()
  for (const text of files) {
    for (const call of text.matchAll(CALL)) {
      const [name, parser, value] = argumentsAt(text, call.index + call[0].length)
      const isRow = ['or', 'optional', 'required'].includes(call[1])
      table.set(JSON.parse(name), { ...table.get(JSON.parse(name)), ...isRow && { parser }, ...call[1] === 'or' && { default: value } })
    }
  }
  return table
}

/** The value of a default's expression, durations in milliseconds and `false` for none; throws where that is no literal, nor the name of one. */
function valueOf (name, expression, text = filesIn('').join('\n')) {
  const [, inner] = /^Some\((.*)\)$/.exec(expression) || [null, expression]
  const [, member] = /^defaults\.(\w+)$/.exec(inner) || []
  const literal = member ? memberOf(text, member) : constantOf(text, inner) || inner
  const value = literalIn(literal)
  if (value === undefined) throw new Error(`the default of ${name} is no literal, and nothing compares it: ${literal || expression}`)
  return value
}

function literalIn (text) {
  const [, unit, number] = /^(?:Duration::from_(secs|millis)\()?(\d[\d_]*)\)?$/.exec(text) || []
  if (number) return Number(number.replace(/_/g, '')) * (unit === 'secs' ? 1000 : 1)
  const [, variant] = /^Fallback::(\w+)$/.exec(text) || []
  return variant ? variant.toLowerCase() : { None: false, true: true, false: false }[text]
}

/** What the `Default` of the rules or of the policy has for a member. */
function memberOf (text, member) {
  const bodies = [...text.matchAll(/impl Default for (?:Rules|Policy) \{[^]*?\bSelf \{([^]*?)\}\n/g)]
  const found = bodies.map(([, body]) => new RegExp(`\\b${member}: ([^,\\n]*?)(?:,|\\s*$)`).exec(body)).find(Boolean)
  return found ? found[1] : ''
}

function constantOf (text, name) {
  const [, value] = new RegExp(`^(?:pub )?const ${name.replace(/\W/g, '\\$&')}: \\w+ = (.*);$`, 'm').exec(text) || []
  return value
}

/** The arguments of a call from here on, as they are written. */
function argumentsAt (text, start) {
  const parts = ['']
  for (let at = start, depth = 0; depth >= 0 && at < text.length; at++) {
    if ('([{'.includes(text[at])) depth++
    if (')]}'.includes(text[at]) && --depth < 0) break
    if (text[at] === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += text[at]
  }
  return parts.map(part => part.trim()).filter(part => part !== '')
}

/** All of Rust's sources there but for tests. */
function filesIn (folder) {
  return fs.readdirSync(path.join(SOURCES, folder), { withFileTypes: true }).flatMap(entry => {
    const name = path.join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'tests' ? [] : filesIn(name)
    return entry.name.endsWith('.rs') ? [fs.readFileSync(path.join(SOURCES, name), 'utf8')] : []
  })
}

module.exports = { constantOf, filesIn, readTable, valueOf }
