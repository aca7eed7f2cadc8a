'use strict'

const fs = require('fs')

const { UsageError } = require('./usage-error')

/** A pool's config.json. */
function readConfig (file) {
  const config = parse(file, contents(file))
  if (!isObject(config)) throw new UsageError(`${file} is not a pool's configuration: it is not a JSON object`)
  if (!isObject(config.daemon)) throw new UsageError(`${file} is not a pool's configuration: it has no daemon`)
  return config
}

function contents (file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${error.code === 'ENOENT' ? 'the file does not exist' : error.message}`)
  }
}

function parse (file, text) {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${error.message.replace(/\s+/g, ' ')}`)
  }
}

function isObject (value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

module.exports = { readConfig }
