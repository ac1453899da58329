"""Text to blocks: Markdown syntax trees become block inputs, front matter becomes page properties.

Everything in this package is pure: text and settings in, frozen values out, no file or network touched.
"""
