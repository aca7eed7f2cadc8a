'use strict'

const fs = require('node:fs')
const path = require('node:path')

/**
 * Where a program is, as a shell would find it.
 * @param {string} name
 * @returns {string | undefined}  undefined when it is not on the PATH
 */
function findProgram (name) {
  const folders = (process.env.PATH || '').split(path.delimiter).filter(folder => path.isAbsolute(folder))
  return folders.map(folder => path.join(folder, name)).find(isExecutable)
}

function isExecutable (file) {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch (error) {
    return false
  }
}

module.exports = { findProgram }
