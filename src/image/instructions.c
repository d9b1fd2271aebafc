#include "image/instructions.h"

#include "base/check.h"
#include "base/report.h"

/* In the disassembler's (AT&T) spelling. Those that would fault with #UD first, then those that
 * need a privilege no enclave has, then those that would move FS and GS, which the TCS fixes. */
static const char *const forbidden[] = {"cpuid", "getsec", "rdpmc", "rdtsc", "rdtscp", "sgdt",
	"sidt", "sldt", "smsw", "str", "syscall", "sysenter", "vmcall", "vmmcall", "vmfunc", "in",
	"insb", "insl", "insw", "ins", "out", "outsb", "outsl", "outsw", "outs", "int", "int1",
	"int3", "icebp", "into", "iret", "iretl", "iretq", "iretw", "lcall", "lcalll", "lcallq",
	"lcallw", "ljmp", "ljmpl", "ljmpq", "ljmpw", "lret", "lretl", "lretq", "lretw", "lss",
	"lfs", "lgs", "lds", "les", "xbegin", "xabort",
	/* privileged */
	"clac", "stac", "cli", "sti", "clts", "hlt", "invd", "invlpg", "invpcid", "wbinvd", "lgdt",
	"lidt", "lldt", "lmsw", "ltr", "monitor", "mwait", "rdmsr", "wrmsr", "swapgs", "sysexit",
	"sysexitl", "sysexitq", "sysret", "sysretl", "sysretq", "xsetbv", "encls", "enclv",
	"xsaves", "xsaves64", "xrstors", "xrstors64", "wbnoinvd", "hreset", "rsm", "monitorx",
	"mwaitx", "invlpga", "skinit", "clgi", "stgi",
	/* FS and GS */
	"wrfsbase", "wrfsbasel", "wrfsbaseq", "wrgsbase", "wrgsbasel", "wrgsbaseq"};

static const char *const prefixes[] = {"rep", "repz", "repnz", "lock", "data16", "addr32",
	"notrack", "bnd", "cs", "ds", "es", "fs", "gs", "ss"};

static const char *const segment_registers[] = {"%ds", "%es", "%fs", "%gs", "%ss"};

static bool is_text(struct bytes bytes, const char *text)
{
	return bytes_equal(bytes, bytes_of(text, strlen(text)));
}

static bool is_one_of(struct bytes word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (is_text(word, list[i]))
			return true;
	}
	return false;
}

/* Everything up to the first `end`, which is taken too; the rest when there is none. */
static struct bytes take_until(struct bytes *rest, char end)
{
	const uint8_t *at = rest->len == 0 ? NULL : memchr(rest->ptr, end, rest->len);
	size_t size = at == NULL ? rest->len : (size_t)(at - rest->ptr);
	struct bytes taken = {rest->ptr, size};
	*rest = bytes_slice(*rest, size + 1, rest->len);
	return taken;
}

static struct bytes take_word(struct bytes *rest)
{
	while (rest->len > 0 && rest->ptr[0] == ' ')
		*rest = bytes_slice(*rest, 1, rest->len);
	return take_until(rest, ' ');
}

static struct bytes after_last(struct bytes text, char mark)
{
	for (size_t i = text.len; i > 0; i--) {
		if (text.ptr[i - 1] == (uint8_t)mark)
			return bytes_slice(text, i, text.len);
	}
	return text;
}

static bool starts_with(struct bytes word, const char *text)
{
	return is_text(bytes_slice(word, 0, strlen(text)), text);
}

/* All mnemonics of AVX and AVX-512 begin with v (verr and verw are no such), all of masks with k.
 */
static bool is_vector(struct bytes word)
{
	return (starts_with(word, "v") && !starts_with(word, "ver")) || starts_with(word, "k");
}

/* No XFRM of ours lets AMX's tiles in. The VEX-coded ones of general registers would not fault, but
 * nothing is compiled for CPUs that have them. */
static bool is_extension(struct bytes word)
{
	static const char *const vex_general[] = {"andn", "bextr", "blsi", "blsmsk", "blsr", "bzhi",
		"mulx", "pdep", "pext", "rorx", "sarx", "shlx", "shrx"};
	return starts_with(word, "tile") || starts_with(word, "tdp") ||
	       is_text(word, "ldtilecfg") || is_text(word, "sttilecfg") ||
	       is_one_of(word, vex_general, ARRAY_COUNT(vex_general));
}

/* Control and debug registers, as source or as destination. */
static bool names_privileged_register(struct bytes operands)
{
	for (size_t i = 0; i + 3 <= operands.len; i++)
		if (starts_with(bytes_slice(operands, i, operands.len), "%cr") ||
			starts_with(bytes_slice(operands, i, operands.len), "%db") ||
			starts_with(bytes_slice(operands, i, operands.len), "%dr"))
			return true;
	return false;
}

/* "mnemonic operands", perhaps after prefixes. */
static bool is_forbidden(struct bytes instruction, bool avx512)
{
	struct bytes rest = instruction, word;
	do
		word = take_word(&rest);
	while (is_one_of(word, prefixes, ARRAY_COUNT(prefixes)) || starts_with(word, "rex"));

	if (is_one_of(word, forbidden, ARRAY_COUNT(forbidden)) || is_text(word, "(bad)") ||
		is_extension(word) || (!avx512 && is_vector(word)))
		return true;
	if (!starts_with(word, "mov") && !starts_with(word, "pop"))
		return false;
	struct bytes operand = take_word(&rest);
	return names_privileged_register(operand) ||
	       is_one_of(
		       after_last(operand, ','), segment_registers, ARRAY_COUNT(segment_registers));
}

static int print_size(struct bytes text)
{
	return text.len > 120 ? 120 : (int)text.len;
}

static struct bytes without_colon(struct bytes text)
{
	return bytes_slice(text, 0, text.len == 0 ? 0 : text.len - 1);
}

/* Lines are "0000000000001000 <function>:" and "    1000:\tinstruction". */
enum conclave_error instructions_check(
	struct bytes disassembly, bool avx512, struct conclave_report *report)
{
	struct bytes function = BYTES_LIT("?");

	while (disassembly.len > 0) {
		struct bytes instruction = take_until(&disassembly, '\n');
		struct bytes place = without_colon(take_until(&instruction, '\t'));
		if (instruction.len == 0 && place.len > 0 && place.ptr[place.len - 1] == '>')
			function = after_last(place, ' ');
		if (instruction.len == 0 || !is_forbidden(instruction, avx512))
			continue;
		struct bytes address = after_last(place, ' ');
		report_fill(report,
			"%.*s in %.*s at 0x%.*s: an enclave may not execute this instruction",
			print_size(instruction), instruction.ptr, print_size(function),
			function.ptr, print_size(address), address.ptr);
		return CONCLAVE_ERROR_UNSUPPORTED;
	}
	return CONCLAVE_OK;
}
