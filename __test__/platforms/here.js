'use strict'

// Required before a script: the command that runs this Node.js, where it takes more than the program itself.

process.execPath = process.env.NODE_HERE
