/* Finding the line of a key in JSON text that a parser has already accepted. The parser forgets
 * where things were; people who made a mistake must not have to look for it. */
#ifndef IMAGE_JSON_LINE_H
#define IMAGE_JSON_LINE_H

/* The line, from 1, of the key `outer` of the top-level object or, when inner is not NULL, of the
 * key `inner` of the object that is its value; 1 when there is no such key. text must be valid
 * JSON, terminated. */
unsigned json_line(const char *text, const char *outer, const char *inner);

#endif
