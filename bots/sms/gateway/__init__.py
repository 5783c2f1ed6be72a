"""SMS through any aggregator whose HTTP interface can be described in huoju.toml.

There is no common standard. What can be said here follows what the documents of Chinese and European aggregators
have in common, such as https://help.aliyun.com/document_detail/419273.html.
"""
