# Run by embed_file(): IN, OUT and SYMBOL are set on the command line.
file(READ ${IN} hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR length "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "(char)0x\\1," bytes "${hex}")
string(REGEX REPLACE "(\\(char\\)0x..,\\(char\\)0x..,\\(char\\)0x..,\\(char\\)0x..,\\(char\\)0x..,\\(char\\)0x..,\\(char\\)0x..,\\(char\\)0x..,)" "\\1\n" bytes "${bytes}")
file(WRITE ${OUT} "#include <stddef.h>\nextern const char ${SYMBOL}[];\nextern const size_t ${SYMBOL}_len;\nconst char ${SYMBOL}[] = {\n${bytes}0\n};\nconst size_t ${SYMBOL}_len = ${length};\n")
