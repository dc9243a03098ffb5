# A list of commands, not a build system: go and pip know themselves what is up
# to date. Each target runs one script of install/scripts, where the reasons are.

S := install/scripts

.PHONY: help build lab test e2e slurm screenshot demo bench conformance check generate requirements fuzz race soak clean release

help:
	@echo 'make lab         build, set up a private JupyterLab, open it on notebooks/'
	@echo 'make test        Go tests, protocol tests and notebooks through real clients'
	@echo 'make e2e         the notebooks in JupyterLab in headless Chromium'
	@echo 'make slurm       sweeps on a Slurm cluster of two nodes on this machine'
	@echo 'make demo        the first notebook run by Swingby alone, as an HTML page'
	@echo 'make bench       cells beside the interpreter, simlib beside PyTorch, Swingby beside ipykernel'
	@echo 'make conformance  the Go distribution'"'"'s own test programs as cells'
	@echo 'make build       bin/swingby'
	@echo 'make check       formatting, vet, staticcheck, generated files, licences, ...'
	@echo 'make generate    renew generated files'
	@echo 'make fuzz        fuzz each target for TIME (20s)'
	@echo 'make race        Go tests under the race detector; needs a C compiler'
	@echo 'make soak        load for some minutes; renews docs/reliability.md'
	@echo 'make release     archives for Linux, macOS and Windows in dist/, with checksums and SBOMs'
	@echo 'make screenshot  renew docs/screenshot.png'
	@echo 'make requirements  renew install/requirements.txt'
	@echo 'make clean       remove what make made'

build:
	@sh $(S)/build.sh

lab: build
	@sh $(S)/venv.sh
	@sh $(S)/lab.sh $(ARGS)

test:
	@sh $(S)/test.sh

e2e:
	@sh $(S)/e2e.sh

release:
	@sh $(S)/release.sh $(ARGS)

slurm:
	@sh $(S)/slurm.sh $(ARGS)

screenshot:
	@sh $(S)/e2e.sh --update

demo: build
	@sh $(S)/demo.sh

bench: build
	@sh $(S)/venv.sh
	@sh $(S)/bench.sh $(ARGS)

conformance: build
	@sh $(S)/conformance.sh $(ARGS)

check:
	@sh $(S)/check.sh

generate:
	@sh $(S)/generate.sh

requirements:
	@sh $(S)/requirements.sh

fuzz:
	@sh $(S)/fuzz.sh $(TIME)

race:
	@sh $(S)/race.sh $(ARGS)

soak:
	@sh $(S)/soak.sh $(ARGS)

clean:
	@sh $(S)/clean.sh
