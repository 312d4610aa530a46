/**
 * The completions of bash. Ours, since that of `@bomb.sh/tab` needs the package `bash-completion`, which servers often have not, complains
 * when it is sourced twice, and evaluates what was typed.
 */
export const bashScript: string = String.raw`# bash completion for taskhook

__taskhook_complete() {
    local line word current words
    # What is before the cursor, as it was typed: nothing of it is run.
    line=${'${COMP_LINE:0:COMP_POINT}'}
    read -r -a words <<< "$line"
    if [[ $line == *[[:space:]] ]]; then words+=(''); fi
    current=${'${words[${#words[@]}-1]}'}
    COMPREPLY=()
    # After one of these bash replaces a part of the word alone: it is a value, and may be the name of a file.
    if [[ $current == *[=:]* ]]; then return; fi
    while IFS= read -r line; do
        word=${"${line%%$'\\t'*}"}
        if [[ $line != :* && $word == "$current"* ]]; then COMPREPLY+=("$word"); fi
    done < <(taskhook complete -- "${'${words[@]:1}'}" 2> /dev/null)
}

complete -o default -F __taskhook_complete taskhook`
