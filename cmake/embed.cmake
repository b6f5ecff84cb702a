# Turns a file into a C array, so that the binary carries its schema, its catalogue
# and its tables: embed_file(TARGET FILE SYMBOL) gives "extern const char SYMBOL[]"
# (NUL-terminated) and "extern const size_t SYMBOL_len" from generated/SYMBOL.c.

set(EMBED_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/embed_run.cmake)

function(embed_file target file symbol)
	set(out ${PROJECT_BINARY_DIR}/generated/${symbol}.c)
	add_custom_command(OUTPUT ${out}
		COMMAND ${CMAKE_COMMAND} -DIN=${file} -DOUT=${out} -DSYMBOL=${symbol} -P ${EMBED_SCRIPT}
		DEPENDS ${file} ${EMBED_SCRIPT}
		VERBATIM)
	target_sources(${target} PRIVATE ${out})
endfunction()
