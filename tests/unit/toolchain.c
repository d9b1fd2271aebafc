/* The steps around the compilers: what is done to wasm2c's C, which instructions are refused, and
 * how a tool's failure is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "os/file.h"
#include "image/guest.h"
#include "image/instructions.h"
#include "image/tool.h"

static struct conclave_report report;

static void loops_are_metered_and_macros_replaced(void **state)
{
	struct buffer tuned = {0};
	(void)state;
	assert_int_equal(
		guest_tune(&tuned,
			BYTES_LIT("#define DEFINE_LOAD(x) y\nDEFINE_LOAD(a)\nDEFINE_LOAD(b)\n"
				  "  var_L12: \n    goto var_L12;\n  var_B3:;\n  var_L0_0: \n"
				  "    var_L0 = var_i0 ? 1u : 2u;\n  var_Lx: \n  var_L4"),
			&report),
		CONCLAVE_OK);
	assert_true(bytes_equal(bytes_of(tuned.ptr, tuned.len),
		BYTES_LIT("#define DEFINE_LOAD(x) y\n#include \"guest_tune.h\"\nDEFINE_LOAD(a)\n"
			  "DEFINE_LOAD(b)\n  var_L12: \nFUEL;\n    goto var_L12;\n  var_B3:;\n"
			  "  var_L0_0: \nFUEL;\n    var_L0 = var_i0 ? 1u : 2u;\n"
			  "  var_Lx: \nFUEL;\n  var_L4")));
	file_free(&tuned);
	assert_int_equal(guest_tune(&tuned, BYTES_LIT("int x;\n"), &report), CONCLAVE_ERROR_TOOL);
	assert_non_null(strstr(report.text, "wasm2c 1.0.39"));
}

static enum conclave_error check_with(const char *instruction, bool avx512)
{
	char text[256];
	snprintf(text, sizeof(text),
		"\nx:     file format elf64-x86-64\n\n0000000000001000 <f>:\n    1000:\tnop\n"
		"    1001:\t%s\n    1002:\tret\n",
		instruction);
	report.text[0] = 0;
	return instructions_check(bytes_of(text, strlen(text)), avx512, &report);
}

static enum conclave_error check(const char *instruction)
{
	return check_with(instruction, false);
}

static void forbidden_instructions_are_refused(void **state)
{
	static const char *const refused[] = {"syscall", "sysenter", "int    $0x80", "int3",
		"cpuid", "rdtsc", "rdtscp", "rdpmc", "in     (%dx),%al", "out    %al,$0x80", "hlt",
		"iretq", "rep insb (%dx),%es:(%rdi)", "rex.W syscall", "wrfsbase %rax",
		"wrgsbase %eax", "mov    %eax,%fs", "pop    %gs", "movl   %eax,%ss", "lret",
		"lcall  *0x10(%rax)", "vpxor  %ymm0,%ymm0,%ymm0", "vzeroupper", "(bad)",
		"xbegin 12", "cs cpuid", "kmovw  %eax,%k1", "kandq  %k1,%k2,%k3",
		"ldtilecfg (%rax)", "tilezero %tmm0", "tdpbssd %tmm0,%tmm1,%tmm2",
		"andn   %eax,%ebx,%ecx", "mov    %cr0,%rax", "mov    %rax,%db7", "lcallw *(%rax)",
		"ljmpw  *(%rax)", "xrstors (%rax)"};
	static const char *const allowed[] = {"nop", "enclu", "rdrand %rax", "ud2", "ret",
		"mov    %fs:0x28,%rax", "mov    %fs,%eax", "call   1000 <syscall>",
		"rep movsb %ds:(%rsi),%es:(%rdi)", "int_like", "aesenc %xmm0,%xmm1",
		"pclmulqdq $0x0,%xmm1,%xmm2", "jmp    *%rax", "cs nopw 0x0(%rax,%rax,1)",
		"andnps %xmm0,%xmm1", "mov    %edx,0x8(%rcx,%rdx,8)", "verr   %ax"};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(refused); i++) {
		if (check(refused[i]) != CONCLAVE_ERROR_UNSUPPORTED)
			fail_msg("allowed: %s", refused[i]);
		assert_non_null(strstr(report.text, "in <f> at 0x1001: "));
	}
	for (size_t i = 0; i < ARRAY_COUNT(allowed); i++) {
		if (check(allowed[i]) != CONCLAVE_OK)
			fail_msg("refused: %s", report.text);
	}
}

static void avx512_is_allowed_where_xfrm_has_it(void **state)
{
	static const char *const vectors[] = {"vpxor  %ymm0,%ymm0,%ymm0", "vzeroupper",
		"kmovw  %eax,%k1", "kandq  %k1,%k2,%k3", "vaesenc %zmm1,%zmm2,%zmm3"};
	static const char *const never[] = {
		"tilezero %tmm0", "andn   %eax,%ebx,%ecx", "syscall", "(bad)", "mov    %cr0,%rax"};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(vectors); i++) {
		assert_int_equal(check_with(vectors[i], true), CONCLAVE_OK);
		assert_int_equal(check_with(vectors[i], false), CONCLAVE_ERROR_UNSUPPORTED);
	}
	for (size_t i = 0; i < ARRAY_COUNT(never); i++)
		assert_int_equal(check_with(never[i], true), CONCLAVE_ERROR_UNSUPPORTED);
}

static enum conclave_error run(struct buffer *output, const char *script)
{
	struct tool tool = {0};
	tool_add_all(&tool, "sh", "-c", script);
	report.text[0] = 0;
	return tool_run(output, &tool, "/", &report);
}

static void a_tool_is_told_nothing_of_us(void **state)
{
	struct buffer output = {0};
	struct tool tool = {0};
	(void)state;
	setenv("CONCLAVE_TEST_SECRET", "x", 1);
	setenv("LC_ALL", "tr_TR.UTF-8", 1);
	tool_add(&tool, "env");
	assert_int_equal(tool_run(&output, &tool, "/tmp", &report), CONCLAVE_OK);
	assert_null(strstr((char *)output.ptr, "SECRET"));
	assert_non_null(strstr((char *)output.ptr, "LC_ALL=C\n"));
	file_free(&output);
	assert_int_equal(run(&output, "pwd; cat"), CONCLAVE_OK);
	assert_string_equal((char *)output.ptr, "/\n");
	file_free(&output);
}

static void much_on_both_channels_does_not_block(void **state)
{
	struct buffer output = {0};
	(void)state;
	assert_int_equal(run(&output, "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; "
				      "head -c 300000 /dev/zero >&2"),
		CONCLAVE_OK);
	assert_int_equal(output.len, 300000);
	file_free(&output);
}

static void failures_are_told(void **state)
{
	struct tool missing = {0};
	(void)state;
	assert_int_equal(run(NULL, "echo first; echo the reason >&2; exit 3"), CONCLAVE_ERROR_TOOL);
	assert_string_equal(report.text, "sh failed with status 3:\nthe reason\n");
	assert_int_equal(run(NULL, "head -c 5000 /dev/zero | tr '\\0' x >&2; echo end >&2; exit 1"),
		CONCLAVE_ERROR_TOOL);
	assert_non_null(strstr(report.text, "xxxend\n"));
	assert_int_equal(run(NULL, "kill -9 $$"), CONCLAVE_ERROR_TOOL);
	assert_non_null(strstr(report.text, "was ended by signal 9"));
	tool_add(&missing, "conclave-no-such-tool");
	assert_int_equal(tool_run(NULL, &missing, "/", &report), CONCLAVE_ERROR_TOOL);
	assert_non_null(strstr(report.text, "conclave-no-such-tool cannot be run: No such file"));
}

static void too_many_arguments_are_refused(void **state)
{
	struct tool tool = {0};
	(void)state;
	for (size_t i = 0; i <= TOOL_ARGUMENTS_MAX; i++)
		tool_add(&tool, "true");
	assert_int_equal(tool_run(NULL, &tool, "/", &report), CONCLAVE_ERROR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loops_are_metered_and_macros_replaced),
		cmocka_unit_test(forbidden_instructions_are_refused),
		cmocka_unit_test(avx512_is_allowed_where_xfrm_has_it),
		cmocka_unit_test(a_tool_is_told_nothing_of_us),
		cmocka_unit_test(much_on_both_channels_does_not_block),
		cmocka_unit_test(failures_are_told),
		cmocka_unit_test(too_many_arguments_are_refused),
	};
	return cmocka_run_group_tests_name("toolchain", tests, NULL, NULL);
}
