'use strict'

const fs = require('node:fs')
const path = require('node:path')

/** index.d.ts without its comments: what it promises about values can be held against values. */
const SOURCE = fs.readFileSync(path.join(__dirname, '..', '..', 'index.d.ts'), 'utf8').replace(/\/\*[^]*?\*\/|\/\/.*/g, '')
const PRIMITIVES = ['string', 'number', 'boolean']

/**
 * Where a value differs from a type of index.d.ts, and how; an empty list where it does not. Knows as much TypeScript as
 * is written there.
 * @param {unknown} value
 * @param {string} type
 * @param {string} [at]  how to call the value
 * @returns {string[]}
 */
function differences (value, type, at = type) {
  const choices = split(type, '|')
  if (choices.length > 1) {
    const found = choices.map(choice => differences(value, choice, at))
    return found.find(list => list.length === 0) || found.reduce((one, other) => other.length > one.length ? other : one)
  }
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) return [`${at} is no list`]
    return value.flatMap((each, index) => differences(each, type.slice(0, -2), `${at}[${index}]`))
  }
  if (PRIMITIVES.includes(type)) return typeof value === type && !Number.isNaN(value) ? [] : [`${at} is no ${type}`]
  if (type === 'null') return value === null ? [] : [`${at} is not null`]
  if (type === 'unknown') return []
  if (type.startsWith("'")) return `'${value}'` === type ? [] : [`${at} is not ${type}`]
  if (type.startsWith('{')) return ofMembers(value, type.slice(1, -1), at)
  return ofNamed(value, type, at)
}

function ofNamed (value, name, at) {
  const alias = new RegExp(`export type ${name} =([^]*?)\\n(?=\\n|export)`).exec(SOURCE)
  if (alias) return differences(value, alias[1].replace(/\s+/g, ' ').trim().replace(/^\| /, ''), at)
  const declared = new RegExp(`export interface ${name} \\{\\n([^]*?)\\n\\}`).exec(SOURCE)
  if (!declared) throw new Error(`index.d.ts does not declare ${name}`)
  return ofMembers(value, declared[1], at)
}

/** All members are there, each of its type, and no others, unless others are declared. */
function ofMembers (value, body, at) {
  if (value === null || typeof value !== 'object') return [`${at} is no object`]
  const members = split(body, /[;\n]/).map(member => /^(?:readonly )?(\[.*?\]|\w+\??): (.*)$/.exec(member))
  const names = members.map(([, name]) => name.replace('?', ''))
  const open = names.some(name => name.startsWith('['))
  const extra = open ? [] : Object.keys(value).filter(key => !names.includes(key)).map(key => `${at}.${key} is not declared`)
  const known = members.filter(([, name]) => !name.startsWith('['))
  return known.flatMap(([, name, type]) => ofMember(value, name.replace('?', ''), name.endsWith('?'), type, at)).concat(extra)
}

function ofMember (value, name, isOptional, type, at) {
  if (name in value) return differences(value[name], type, `${at}.${name}`)
  return isOptional ? [] : [`${at}.${name} is missing`]
}

/** Splits where no bracket is open. */
function split (text, separator) {
  const parts = ['']
  let depth = 0
  for (const letter of text) {
    depth += '{[('.includes(letter) - '}])'.includes(letter)
    if (depth === 0 && (separator instanceof RegExp ? separator.test(letter) : letter === separator)) parts.push('')
    else parts[parts.length - 1] += letter
  }
  return parts.map(part => part.trim()).filter(part => part !== '')
}

module.exports = { differences }
