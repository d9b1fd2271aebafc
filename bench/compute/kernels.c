#include "kernels.h"

#include <stddef.h>
#include <string.h>

const char *const kernel_names[KERNEL_COUNT] = {"sort", "matrix", "regression", "scan", "hash"};

static uint64_t seed;

static uint32_t next_random(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33);
}

/* -- sort: heapsort through a function pointer -- */

#define SORT_COUNT 200000u
static uint32_t numbers[SORT_COUNT];

static int ascending(uint32_t a, uint32_t b)
{
	return a < b;
}

static void sift(uint32_t *heap, size_t at, size_t count, int (*before)(uint32_t, uint32_t))
{
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && before(heap[child], heap[child + 1]))
			child++;
		if (!before(heap[at], heap[child]))
			return;
		uint32_t swapped = heap[at];
		heap[at] = heap[child];
		heap[child] = swapped;
	}
}

static uint64_t sort(void)
{
	for (size_t i = 0; i < SORT_COUNT; i++)
		numbers[i] = next_random();
	for (size_t i = SORT_COUNT / 2; i-- > 0;)
		sift(numbers, i, SORT_COUNT, ascending);
	for (size_t last = SORT_COUNT - 1; last > 0; last--) {
		uint32_t top = numbers[0];
		numbers[0] = numbers[last];
		numbers[last] = top;
		sift(numbers, 0, last, ascending);
	}
	uint64_t sum = 0;
	for (size_t i = 0; i < SORT_COUNT; i++)
		sum = sum * 31 + numbers[i];
	return sum;
}

/* -- matrix: double precision product -- */

#define MATRIX_SIZE 192u
static double left[MATRIX_SIZE][MATRIX_SIZE], right[MATRIX_SIZE][MATRIX_SIZE],
	product[MATRIX_SIZE][MATRIX_SIZE];

static uint64_t bits_of(double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

static uint64_t matrix(void)
{
	for (size_t i = 0; i < MATRIX_SIZE; i++)
		for (size_t j = 0; j < MATRIX_SIZE; j++) {
			left[i][j] = (double)(next_random() % 1000) / 8;
			right[i][j] = (double)(next_random() % 1000) / 8;
			product[i][j] = 0;
		}
	for (size_t i = 0; i < MATRIX_SIZE; i++)
		for (size_t k = 0; k < MATRIX_SIZE; k++)
			for (size_t j = 0; j < MATRIX_SIZE; j++)
				product[i][j] += left[i][k] * right[k][j];
	double trace = 0;
	for (size_t i = 0; i < MATRIX_SIZE; i++)
		trace += product[i][i];
	return bits_of(trace);
}

/* -- regression: gradient descent on made-up samples -- */

#define SAMPLES 4000u
#define FEATURES 16u
static double samples[SAMPLES][FEATURES], wanted[SAMPLES];

static uint64_t regression(void)
{
	double weights[FEATURES] = {0};
	for (size_t i = 0; i < SAMPLES; i++) {
		wanted[i] = 0;
		for (size_t j = 0; j < FEATURES; j++) {
			samples[i][j] = (double)(next_random() % 2048) / 2048;
			wanted[i] += samples[i][j] * (double)(j + 1);
		}
	}
	for (unsigned epoch = 0; epoch < 10; epoch++)
		for (size_t i = 0; i < SAMPLES; i++) {
			double error = -wanted[i];
			for (size_t j = 0; j < FEATURES; j++)
				error += weights[j] * samples[i][j];
			for (size_t j = 0; j < FEATURES; j++)
				weights[j] -= 0.01 * error * samples[i][j];
		}
	return bits_of(weights[FEATURES - 1]);
}

/* -- scan: a byte-by-byte state machine over text, as a JSON reader is -- */

#define TEXT_SIZE (1u << 20)
static char text[TEXT_SIZE];

static uint64_t scan(void)
{
	static const char alphabet[] = "{}[]\",:0123456789 abcdefgh\\n";
	for (size_t i = 0; i < TEXT_SIZE; i++)
		text[i] = alphabet[next_random() % (sizeof(alphabet) - 1)];
	uint64_t strings = 0, numbers_seen = 0, depth = 0;
	for (size_t i = 0; i < TEXT_SIZE; i++) {
		char c = text[i];
		if (c == '"') {
			while (++i < TEXT_SIZE && text[i] != '"')
				if (text[i] == '\\')
					i++;
			strings++;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if (c == '}' || c == ']') {
			depth -= depth > 0;
		} else if (c >= '0' && c <= '9') {
			uint64_t value = 0;
			for (; i < TEXT_SIZE && text[i] >= '0' && text[i] <= '9'; i++)
				value = value * 10 + (uint64_t)(text[i] - '0');
			numbers_seen += value;
			i--;
		}
	}
	return strings ^ numbers_seen << 8 ^ depth << 40;
}

/* -- hash: 64-bit mixing of memory -- */

static uint64_t hash(void)
{
	uint64_t state = 0x9e3779b97f4a7c15u;
	for (unsigned pass = 0; pass < 4; pass++)
		for (size_t i = 0; i + 8 <= TEXT_SIZE; i += 8) {
			uint64_t word;
			memcpy(&word, text + i, sizeof(word));
			state ^= word;
			state *= 0xff51afd7ed558ccdu;
			state ^= state >> 29;
			state = state << 17 | state >> 47;
		}
	return state;
}

uint64_t kernel_run(unsigned kernel, unsigned rounds)
{
	static uint64_t (*const kernels[KERNEL_COUNT])(void) = {
		sort, matrix, regression, scan, hash};
	uint64_t sum = 0;
	seed = 42;
	for (unsigned i = 0; i < rounds; i++)
		sum += kernels[kernel]();
	return sum;
}
