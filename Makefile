# A thin front for people; CMake does the work. `make help` lists the targets.
PRESET ?= dev
BUILD := build/$(PRESET)
JOBS ?= $(shell nproc)
CTEST := ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

.PHONY: all setup build test demo large-mail bench fuzz soak check-all lint format install clean help

all: build

help:
	@echo "make            build everything into $(BUILD)"
	@echo "make demo       install what is needed, build, and run a sealed-bid auction in an enclave"
	@echo "make test       install what is needed, build, run every test"
	@echo "make large-mail a mail of 3 GiB into an enclave, and the memory it took; MIB=3072"
	@echo "make bench      measure; make bench-NAME runs one program of bench/"
	@echo "make lint       format, compiler analyser, clang-tidy, cppcheck"
	@echo "make check-all  the tests again under ASan+UBSan and clang; the trusted code under valgrind"
	@echo "make fuzz       fuzz every target; SECONDS_EACH=60"
	@echo "make install    PREFIX=/usr/local DESTDIR="

setup:
	@tools/setup.sh

$(BUILD)/build.ninja: setup
	@cmake --preset $(PRESET) >/dev/null

build: $(BUILD)/build.ninja
	@cmake --build --preset $(PRESET)

test: build
	@tools/test.sh $(BUILD) $(JOBS)

demo: build
	@CONCLAVE_BUILD="$(CURDIR)/$(BUILD)" bash examples/auction/demo.sh

large-mail: build
	@CONCLAVE_SOURCE="$(CURDIR)" CONCLAVE_BUILD="$(CURDIR)/$(BUILD)" bash tests/e2e/large_mail.sh $(or $(MIB),3072)

# Standard output is figures only.
bench:
	@$(MAKE) --no-print-directory PRESET=release build >&2
	@tools/bench.sh build/release

bench-%:
	@$(MAKE) --no-print-directory PRESET=release build >&2
	@tools/bench.sh build/release $*

fuzz:
	@$(MAKE) --no-print-directory PRESET=fuzz build
	@tools/fuzz.sh build/fuzz $(or $(SECONDS_EACH),60)

check-all:
	@tools/check-all.sh $(JOBS)

lint: build
	@tools/lint.sh $(BUILD)

format:
	@git ls-files '*.c' '*.h' | xargs clang-format-14 -i

install: build
	@umask 022 && cmake --install $(BUILD) --prefix $(or $(PREFIX),/usr/local)

clean:
	@rm -rf build
