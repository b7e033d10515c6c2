// Package config reads the settings: from flags, from MANIFEST_TOOL_*
// variables, from a YAML file and from defaults, in this order of precedence
// (decision 21), and remembers where each one came from.
//
// viper merges the layers and decodes the result. It reads neither the file nor
// the environment: it does not record lines, it lower-cases keys, and it would
// read the environment of the process instead of Options.Getenv. So this package
// reads the file's YAML nodes and the variables itself, checks every value with
// its position, and passes valid values to viper. No other package imports viper.
package config
