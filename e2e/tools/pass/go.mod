module manifest-tool/e2e/tools/pass

go 1.26.0

tool github.com/docker/docker-credential-helpers/pass/cmd

require github.com/docker/docker-credential-helpers v0.9.12 // indirect
