'use strict'

const fs = require('fs')

global.config = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))
